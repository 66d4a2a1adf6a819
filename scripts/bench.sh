#!/usr/bin/env bash
# Builds crudctl optimised and times it against psql, on a throw-away Postgres: prints the tables,
# puts them into README.md and draws tests/bench/speed.svg. Takes about half an hour, and wants a
# machine that does nothing else.
#
#   scripts/bench.sh [--only GROUP] [--rounds N]
#
#   --only GROUP   one of load, single, audit, error, setup, look, csv, big, memory (repeatable);
#                  leaves the README alone
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

programs=build/bench/tests
export CRUDCTL_TEST_CLUSTER=$PWD/build/bench/test_cluster

# What is compared is programs: where there is room for the largest case, the server's data lie in
# memory, since a disk takes now this long for a table's file and now thrice.
most_data=16 # GiB
in_memory=/dev/shm
if (($(df --output=avail --block-size=1G "$in_memory" | tail -n 1) >= most_data)); then
    export CRUDCTL_TEST_FOLDER=$in_memory
fi

targets=(--readme README.md --plot tests/bench/speed.svg)
if [[ " $* " == *" --only"* ]]; then
    targets=()
fi

measure() (
    trap '"$programs/crudctl_test_cluster" stop "$CRUDCTL_TEST_CLUSTER"' EXIT
    "$programs/crudctl_test_cluster" start "$CRUDCTL_TEST_CLUSTER"
    "$programs/crudctl_bench" "${targets[@]}" "$@"
)

step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}"
step "build" build_preset bench
step "measurements" measure "$@"
