# Shared by the scripts: which distribution packages are needed for what, and how to get them.
# Package names are those of Debian 12 and Ubuntu 22.04 and their successors.
# shellcheck shell=bash

# `postgresql` brings the server and psql; crudctl runs a cluster of its own from them.
# shellcheck disable=SC2034 # read by the scripts that source this file
{
    build_packages=(
        g++ cmake ninja-build pkg-config
        libcli11-dev libcurl4-openssl-dev libdtl-dev libfmt-dev libpq-dev libpugixml-dev
        libssl-dev libtomlplusplus-dev libyaml-cpp-dev nlohmann-json3-dev
        postgresql zlib1g-dev
    )
    dist_packages=(binutils dpkg-dev file)
    test_packages=(
        catch2 libpg-query-dev bash-completion fish openssl pgbouncer zsh
        awscli python3 python3-venv
        "${dist_packages[@]}"
    )
    # One that came another way stays: the distribution's conflicts with some.
    command -v npm >/dev/null || test_packages+=(npm)
    nightly_packages=(python3-psycopg-pool)
    fuzz_packages=(clang-14 libclang-rt-14-dev)
    style_packages=(clang-format clang-tidy shellcheck)
}

# Keeps Debian's postgresql-common from making a cluster of its own while the server is installed.
cluster_switch=/etc/postgresql-common/createcluster.d/crudctl.conf

# install_packages NAME…: installs what is missing of these; does nothing where nothing is.
install_packages() {
    local missing
    if ! command -v dpkg-query >/dev/null; then
        say "not a Debian or Ubuntu system: see to these packages yourself: $*"
        return
    fi
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]} == 0)); then
        return
    fi
    require_root_rights "${missing[@]}"
    say "installing: ${missing[*]}"
    if [[ " ${missing[*]} " == *" postgresql "* ]]; then
        with_no_new_cluster apt_install "${missing[@]}"
    else
        apt_install "${missing[@]}"
    fi
}

missing_packages() {
    local installed name
    installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    for name in "$@"; do
        grep -qxF "$name installed" <<<"$installed" || printf '%s\n' "$name"
    done
}

is_root() {
    ((EUID == 0))
}

require_root_rights() {
    if ! is_root && ! command -v sudo >/dev/null; then
        fail "these packages are missing, and neither root nor sudo is here to install them:
    apt-get install $*"
    fi
}

as_root() {
    if is_root; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# What apt-get says is shown only where it fails.
apt_get() {
    local output
    output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq "$@" 2>&1) || {
        say "$output"
        return 1
    }
}

# The package lists are fetched only where the ones at hand don't do.
apt_install() {
    local install=(install --no-install-recommends "$@")
    if ! apt_get --simulate "${install[@]}" 2>/dev/null; then
        apt_get update
    fi
    apt_get "${install[@]}" || { apt_get update && apt_get "${install[@]}"; }
}

# A subshell, so that the trap ends with it, also when it is interrupted.
with_no_new_cluster() (
    trap 'as_root rm -f "$cluster_switch"' EXIT
    as_root mkdir -p "${cluster_switch%/*}"
    as_root tee "$cluster_switch" >/dev/null <<<"create_main_cluster = false"
    "$@"
)
