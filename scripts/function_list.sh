#!/usr/bin/env bash
# Writes src/script/effect/function_list.inc anew: which functions and keywords a file may use on a protected
# target, as the servers of all supported versions say. To be run when a version is added.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh
source scripts/lib/servers.sh

output=src/script/effect/function_list.inc
work=$(mktemp -d)
running=
stop() {
    [[ -z $running ]] || as_server "$running/bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null
    running=
}
trap 'stop; rm -rf "$work"' EXIT

# The server refuses to run as root.
as_server() {
    if ((EUID == 0)); then
        setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
    else
        "$@"
    fi
}

# ask MAJOR: starts a server of that version and puts its answers into files of $work.
ask() {
    local folder
    folder=$(server_folder "$1")
    say "asking Postgres $1"
    rm -rf "$work/data"
    as_server "$folder/bin/initdb" -D "$work/data" -U postgres --no-sync >/dev/null
    as_server "$folder/bin/pg_ctl" -D "$work/data" -w -l "$work/data/log" \
        -o "-k '$work' -c listen_addresses='' -F" start >/dev/null
    running=$folder
    psql -X -q -A -t -F ' ' -h "$work" -U postgres -d postgres \
        -f scripts/lib/functions.sql -o "$work/functions.$1"
    psql -X -q -A -t -F ' ' -h "$work" -U postgres -d postgres \
        -c "select word, catcode from pg_catalog.pg_get_keywords()" \
        -o "$work/keywords.$1"
    stop
}

# Functions that are not volatile in any version that has them; keywords of some version, and those
# that are reserved in all of them.
write_list() {
    local versions=("$@")
    printf '// Written by scripts/function_list.sh from Postgres %s. Not to be edited.\n' "${versions[*]}"
    printf '// clang-format off\n'
    names safe_functions < <(awk '
        $2 == "volatile" { volatile[$1] = 1 }
        { seen[$1] = 1 }
        END { for (name in seen) if (!(name in volatile)) print name }' "$work"/functions.*)
    names any_keywords < <(cut -d ' ' -f 1 "$work"/keywords.*)
    names reserved_words < <(keywords R "${#versions[@]}")
    names column_words < <(keywords C "${#versions[@]}")
    names infix_words < <(keywords T "${#versions[@]}")
    printf '// clang-format on\n'
}

keywords() {
    awk -v kind="$1" -v versions="$2" '
        $2 == kind { ++count[$1] }
        END { for (word in count) if (count[word] == versions) print word }' "$work"/keywords.*
}

# names ARRAY: the lines of stdin as a sorted array of C++.
names() {
    LC_ALL=C sort -u >"$work/names"
    printf '\nconstexpr std::array<std::string_view, %d> %s = {\n' "$(wc -l <"$work/names")" "$1"
    sed 's/.*/"&",/' "$work/names" | tr '\n' ' ' | fold -s -w 96 | sed 's/^/    /; s/ *$//'
    printf '\n};\n'
}

chmod 711 "$work"
as_server true
((EUID != 0)) || chown nobody "$work"
mapfile -t versions < <(supported_majors)
command -v psql >/dev/null || install_packages postgresql
install_servers "${versions[@]}"
for version in "${versions[@]}"; do
    ask "$version"
done
write_list "${versions[@]}" >"$work/list"
cp "$work/list" "$output"
say "$output: $(grep -c . "$output") lines"
