#!/usr/bin/env bash
# Builds crudctl and runs every test; installs what that needs. Everything runs against the server
# of the distribution; the label postgres also against the oldest and the newest supported one.
#
#   scripts/test.sh [--nightly] [ctest arguments]
#
#   --nightly   the long forms, and two suites at once besides, both in random order: the usual
#               build and one with the address and undefined-behaviour sanitizers; the labels
#               postgres and cli against every supported version; then fuzzing until a million
#               scripts ($CRUDCTL_FUZZ_COUNT) were cut as the server cuts them
#
# With ctest arguments, which choose tests, only the distribution's server is tried.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh
source scripts/lib/servers.sh

nightly=no
if [[ ${1:-} == --nightly ]]; then
    nightly=yes
    shift
    export CRUDCTL_NIGHTLY=1
fi
# They wait more than they compute.
export CTEST_PARALLEL_LEVEL=${CTEST_PARALLEL_LEVEL:-$((3 * $(nproc)))}

versions=()
version_labels='^postgres$'
if (($# == 0)); then
    mapfile -t versions < <(oldest_and_newest_major)
    if [[ $nightly == yes ]]; then
        mapfile -t versions < <(supported_majors)
        version_labels='^(postgres|cli)$'
    fi
fi

run_tests() {
    local preset=$1
    shift
    ctest --preset "$preset" --no-tests=error "$@"
}

# Its log is kept: the next run of ctest in that build writes over it.
run_suite() {
    local outcome=0
    run_tests ci "$@" || outcome=$?
    cp build/ci/Testing/Temporary/LastTest.log build/ci/suite.log || true
    return "$outcome"
}

# What ctest says is shown where it fails; else how it ends, with the tests that did not run. At
# night in the long forms, too, but for those about crudctl's own memory: once is enough.
run_tests_on_version() {
    local log=build/servers/$1.log
    (
        export CRUDCTL_TEST_SERVER
        CRUDCTL_TEST_SERVER=$(server_folder "$1")
        run_tests ci -L "$version_labels" -E 'memory'
    ) >"$log" 2>&1 || {
        say "$(cat "$log")"
        fail "tests failed on Postgres $1"
    }
    say "$(sed -n '/tests passed/,$p' "$log")"
}

# Ends badly at a finding, which stays in build/fuzz, and where the scripts are not done in an hour.
run_fuzzing() {
    mkdir -p build/fuzz/corpus
    (
        cd build/fuzz
        # The parser frees its memory when its thread ends: no leak.
        CRUDCTL_FUZZ_COUNT=${CRUDCTL_FUZZ_COUNT:-1000000} timeout 3600 \
            tests/scanner_fuzz -max_len=800 -detect_leaks=0 -verbosity=0 -print_funcs=0 corpus
    )
}

# Each has a build, a cluster and an order of its own; everything else on this machine they share.
# What the second one says is kept, and shown where it fails. A subshell, so that the second one
# ends with it when it is interrupted.
run_two_suites() (
    log=build/asan/second_suite.log outcome=0
    CTEST_PARALLEL_LEVEL=$(((CTEST_PARALLEL_LEVEL + 1) / 2))
    run_tests asan --schedule-random "$@" >"$log" 2>&1 &
    second=$!
    trap 'kill "$second" 2>/dev/null || true' EXIT
    run_tests ci --schedule-random "$@" || outcome=1
    wait "$second" || outcome=1
    trap - EXIT
    say "── the one with sanitizers:" "$(if ((outcome)); then cat "$log"; else grep 'tests passed' "$log"; fi)"
    exit "$outcome"
)

# Creating a database takes a tenth of the time where its files lie in memory.
choose_test_folder() {
    local folder=/dev/shm least=$((2 << 20)) # KiB
    if [[ -z ${CRUDCTL_TEST_FOLDER:-} && -w $folder ]] &&
        (($(df --output=avail "$folder" | tail -1) >= least)) &&
        ! findmnt --noheadings --output OPTIONS --target "$folder" | grep -qw noexec; then
        export CRUDCTL_TEST_FOLDER=$folder
    fi
}

# What some tests want of PyPI, npm and Go, fetched while the compiler runs. Whether it worked, the
# tests' own call says: it waits for the one under way.
fetch_tools() {
    nice tests/aws/install_moto.sh build/moto
    nice tests/aws/lambda/install_tools.sh build/lambda_tools
}

started=$EPOCHREALTIME
choose_test_folder
step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}"
if (($# == 0)); then
    step "servers" install_servers "${versions[@]}"
fi
if [[ $nightly == yes ]]; then
    step "packages for the night" install_packages "${nightly_packages[@]}"
fi
fetch_tools >/dev/null 2>&1 &
step "build" build_preset ci
step "tests" run_suite "$@"
for version in "${versions[@]}"; do
    step "tests on Postgres $version" run_tests_on_version "$version"
done
if [[ $nightly == yes ]]; then
    step "build with sanitizers" build_preset asan
    step "tests, twice at once in random order" run_two_suites "$@"
    step "packages for fuzzing" install_packages "${fuzz_packages[@]}"
    step "build for fuzzing" build_preset fuzz
    step "fuzzing" run_fuzzing
fi
say "All passed in $(seconds_since "$started") s${versions:+, also on Postgres ${versions[*]}}."
