#!/usr/bin/env bash
# Checks how the code reads: format, lint, the direction of includes, the scripts. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

# The floors of src/, lowest first: a file includes from its own folder and from the floors below.
floors=(support pg "database script server aws" config plan commands cli)

# The formatter's versions disagree about details, the linter's about what it knows.
tool_version=14

# tool NAME: the version that the code is checked with, or the one there is.
tool() {
    if command -v "$1-$tool_version" >/dev/null; then
        printf '%s' "$1-$tool_version"
    else
        printf '%s' "$1"
    fi
}

source_files() {
    find src tests packaging -name '*.cpp' -o -name '*.hpp' | LC_ALL=C sort
}

check_format() {
    source_files | xargs "$(tool clang-format)" --dry-run -Werror ||
        fail "clang-format would change something: $(tool clang-format) -i FILE does it"
}

# The linter sees what the compiler saw: the dev preset's compile database. Of the program alone:
# it would spend more than half of its time on the macros that the tests are made of.
check_lint() {
    local output
    output=$(cmake --preset dev 2>&1) || fail "cannot configure the preset \"dev\": $output"
    source_files | grep '^src/.*\.cpp$' |
        xargs -P "$(nproc)" -n 1 "$(tool clang-tidy)" -p build/dev --quiet \
        2> >(grep -v 'warnings\? .*generated' >&2) ||
        fail "clang-tidy found something"
}

check_include_direction() {
    local wrong
    wrong=$(find src -mindepth 2 \( -name '*.cpp' -o -name '*.hpp' \) -exec awk -v floors="$(
        IFS=,
        printf '%s' "${floors[*]}"
    )" '
        BEGIN {
            count = split(floors, names, ",")
            for (i = 1; i <= count; ++i) {
                split(names[i], folders, " ")
                for (j in folders) floor[folders[j]] = i
            }
        }
        match($0, /^#include "[^"]+\//) {
            split(FILENAME, own, "/")
            split($0, parts, /["\/]/)
            if (!(own[2] in floor)) {
                print FILENAME ": its folder has no floor"
            } else if (parts[2] != own[2] && !(floor[parts[2]] < floor[own[2]])) {
                print FILENAME ":" FNR ": " own[2] " must not include from " parts[2]
            }
        }' {} +)
    if [[ -n $wrong ]]; then
        fail "includes point down only:
$wrong"
    fi
}

check_scripts() {
    shellcheck -x scripts/*.sh scripts/lib/*.sh src/commands/templates/*.sh .ci/run
}

started=$EPOCHREALTIME
step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}" "${style_packages[@]}"
step "scripts" check_scripts
step "include direction" check_include_direction
step "format" check_format
step "lint" check_lint
say "Nothing to object to, in $(seconds_since "$started") s."
