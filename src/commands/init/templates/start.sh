#!/bin/sh
# Gets the database of a workspace ready. Written by `crudctl init --hook`, to be committed.
#
#   start.sh install   fetches crudctl, nothing else: for prebuilds, which have no secrets
#   start.sh           at every start: fetches crudctl where it is missing, lets this workspace's
#                      address in to the database, makes and fills the database where it is missing
#
# CRUDCTL_DOWNLOAD is where crudctl is fetched from: a folder, or a URL of one, that has
# crudctl-VERSION-linux-ARCHITECTURE.tar.gz and SHA256SUMS. A SHA256SUMS that lies beside this script
# counts instead of that one: commit it, and nothing else than what it names is ever started.
#
# CRUDCTL_TRUST stands for what crudctl may run and send for this project; `crudctl trust` shows it.
set -eu
cd "$(dirname "$0")/.."

version=@version@
download=${CRUDCTL_DOWNLOAD:-@download@}
download=${download%/}
name=crudctl-$version-linux-$(uname -m)
CRUDCTL_TRUST=${CRUDCTL_TRUST:-@trust@}
export CRUDCTL_TRUST
pinned_sums=@folder@/SHA256SUMS

say() {
    echo "crudctl start: $*" >&2
}

fail() {
    say "error: $*"
    exit 3
}

# Of all folders those that outlast a stop of the workspace.
install_folder() {
    if [ -n "${GITPOD_WORKSPACE_ID:-}" ] && [ -d /workspace ]; then
        echo /workspace/.crudctl
    elif [ "${CODESPACES:-}" = true ] && [ -d /workspaces ]; then
        echo /workspaces/.crudctl
    else
        [ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || fail "HOME is not set"
        echo "${XDG_DATA_HOME:-$HOME/.local/share}/crudctl"
    fi
}

# fetch NAME FILE
fetch() {
    case $download in
    https://* | http://* | file://*)
        if command -v curl >/dev/null 2>&1; then
            curl --fail --silent --show-error --location --retry 3 --output "$2" "$download/$1"
        else
            wget -q -O "$2" "$download/$1"
        fi
        ;;
    *) cp "$download/$1" "$2" ;;
    esac || fail "cannot fetch $1 from CRUDCTL_DOWNLOAD"
}

# check FOLDER: what lies there against the checksums.
check() {
    if [ -f "$pinned_sums" ]; then
        sums=$pinned_sums
    else
        case $download in
        http://*) fail "CRUDCTL_DOWNLOAD is not https, which takes checksums in $pinned_sums" ;;
        esac
        sums=$1/SHA256SUMS
        fetch SHA256SUMS "$sums"
    fi
    wanted=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$name\.tar\.gz\$/\1/p" "$sums")
    found=$(sha256sum "$1/$name.tar.gz" | cut -d ' ' -f 1)
    [ -n "$wanted" ] || fail "$name.tar.gz has no checksum in SHA256SUMS"
    [ "$wanted" = "$found" ] || fail "$name.tar.gz is not what its checksum says; it is not used"
}

# Into a folder of its own, which gets its name when it is whole: several terminals may be at it.
unpack() {
    mkdir -p "$folder"
    work=$(mktemp -d "$folder/new.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    fetch "$name.tar.gz" "$work/$name.tar.gz"
    check "$work"
    tar -x -z -f "$work/$name.tar.gz" -C "$work"
    "$work/$name/bin/crudctl" --version >/dev/null || fail "$name does not run here"
    mv "$work/$name" "$folder/" 2>/dev/null || [ -x "$program" ] || fail "cannot write to $folder"
    rm -rf "$work"
    trap - EXIT INT TERM HUP
    say "installed crudctl $version"
}

# Into a folder of PATH that may be written to, for whoever types it.
link() {
    for place in /usr/local/bin "${HOME:-}/.local/bin"; do
        case ":$PATH:" in
        *":$place:"*)
            if [ -w "$place" ] && { [ -L "$place/crudctl" ] || [ ! -e "$place/crudctl" ]; }; then
                ln -sf "$program" "$place/crudctl"
                return
            fi
            ;;
        esac
    done
    say "to type it: PATH=\$PATH:${program%/*}"
}

# Sets `program`.
install_crudctl() {
    folder=$(install_folder)
    program=$folder/$name/bin/crudctl
    if [ ! -x "$program" ] && [ -n "$download" ]; then
        unpack
    fi
    if [ -x "$program" ]; then
        link
    else
        program=$(command -v crudctl) ||
            fail "there is no crudctl here, and CRUDCTL_DOWNLOAD does not say where to fetch it from"
    fi
}

install_crudctl
case ${1:-start} in
install) ;;
start)
    "$program" update-sg-rule --best-effort || say "the security group's rule was not updated"
    exec "$program" ensure
    ;;
*) fail "\"$1\" is neither install nor start" ;;
esac
