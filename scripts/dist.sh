#!/usr/bin/env bash
# Makes what can be installed without a compiler, into build/release/dist: a Debian package, an
# archive that brings its own libraries and runs on any Linux, and SHA256SUMS of both.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

# The same commit makes the same archive.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

step "packages" install_packages "${build_packages[@]}" "${dist_packages[@]}"
step "build" build_preset release
step "packing" cmake --build --preset release --target dist
say "
$(cat build/release/dist/SHA256SUMS)"
