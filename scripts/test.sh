#!/usr/bin/env bash
# Builds crudctl and runs every test; installs what that needs.
#
#   scripts/test.sh [--nightly] [ctest arguments]
#
#   --nightly   the long forms besides: a second run in random order, and all of it once more under
#               the address and undefined-behaviour sanitizers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

nightly=no
if [[ ${1:-} == --nightly ]]; then
    nightly=yes
    shift
    export CRUDCTL_NIGHTLY=1
fi
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$(nproc)}

run_tests() {
    local preset=$1
    shift
    ctest --preset "$preset" --no-tests=error "$@"
}

started=$EPOCHREALTIME
step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}"
step "build" build_preset dev
step "tests" run_tests dev "$@"
if [[ $nightly == yes ]]; then
    step "tests in random order" run_tests dev --schedule-random "$@"
    step "build with sanitizers" build_preset asan
    step "tests with sanitizers" run_tests asan "$@"
fi
say "All passed in $(seconds_since "$started") s."
