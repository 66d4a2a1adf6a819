#!/usr/bin/env bash
# Packs a build of crudctl with the loader and every library that it needs, so that it runs on any
# Linux of this architecture, whatever is installed there.
#
#   scripts/tarball.sh BUILD_FOLDER FOLDER
#
# writes FOLDER/crudctl-VERSION-linux-ARCHITECTURE.tar.gz. BUILD_FOLDER must have the targets
# `crudctl` and `crudctl_launcher`; its CMake target `dist` builds them and calls this.
set -euo pipefail
caller_folder=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh

if (($# != 2)); then
    say "usage: scripts/tarball.sh BUILD_FOLDER FOLDER"
    exit 2
fi
build=$(cd "$caller_folder" && realpath "$1")
target=$(cd "$caller_folder" && mkdir -p "$2" && realpath "$2")

# The interpreter that the program names: its loader.
loader_of() {
    readelf --program-headers "$1" | sed -n 's/.*\[Requesting program interpreter: \(.*\)\]/\1/p'
}

# The files of all its libraries, those of libraries among them.
libraries_of() {
    "$(loader_of "$1")" --list "$1" | sed -n 's/.* => \(\/.*\) (0x.*/\1/p'
}

# The licences of what is brought along want to be brought along, too. A file may be known to dpkg
# below /lib or below /usr/lib, where the one is a link to the other.
copy_licences_of() {
    local package
    while read -r package; do
        cp "/usr/share/doc/$package/copyright" "$licences/$package"
    done < <({ dpkg-query -S "$@" "${@/#//usr}" 2>/dev/null || true; } | cut -d: -f1 | sort -u)
}

pack() {
    tar -c --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w \
        --mtime="@${SOURCE_DATE_EPOCH:-$(date +%s)}" -C "$stage" "$name" | gzip -n
}

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
version=$("$build/crudctl" --version | cut -d' ' -f2)
name=crudctl-$version-linux-$(uname -m)
place=$stage/$name
licences=$place/share/doc/crudctl/licences

cmake --install "$build" --prefix "$place" --strip >/dev/null
mkdir "$place/lib" "$licences"
mv "$place/bin/crudctl" "$place/lib/crudctl"
install -s -m 755 "$build/crudctl_launcher" "$place/bin/crudctl"
install -m 755 "$(loader_of "$place/lib/crudctl")" "$place/lib/crudctl-loader"
mapfile -t libraries < <(libraries_of "$place/lib/crudctl")
install -m 644 "${libraries[@]}" "$place/lib/"
# Those of which the program holds what stands in headers, too.
headers=(/usr/include/CLI/CLI.hpp /usr/include/dtl/dtl.hpp /usr/include/nlohmann/json.hpp)
copy_licences_of "${libraries[@]}" "${headers[@]}"
cp README.md "$place/"
chmod 755 "$stage/$name"

pack >"$target/$name.tar.gz.part"
mv "$target/$name.tar.gz.part" "$target/$name.tar.gz"
say "packed $target/$name.tar.gz"
