#!/usr/bin/env bash
# Checks how the code reads: format, lint, the direction of includes, the scripts. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

# The floors of src/, lowest first: a file includes from its own folder and from the floors below.
floors=(support pg "database script server aws" config plan operation commands cli)
# The same inside src/script/; what stands between quotes stands side by side.
script_floors=(sql source "csv effect" "reader query" load)
# A header of less than 30 lines mostly belongs to another one.
small_header_lines=30
most_small_headers=25

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

# Names the trees (src/ and what the linter is told) in which the linter had nothing to object to.
# A tree's id stays the same whatever becomes of the commits that brought it.
linted=scripts/lib/linted

# linted_tree NAME: the id that stands there for src or .clang-tidy. Fails where git does not have it.
linted_tree() {
    local id
    id=$(awk -v name="$1" '$1 == name { print $2 }' "$linted") && git cat-file -e "$id" 2>/dev/null &&
        printf '%s' "$id"
}

# changed_files: what differs from that tree, here and now. Fails where nobody can tell, or where
# what the linter is told has changed.
changed_files() {
    local tree
    [[ ${CRUDCTL_LINT_ALL:-} != 1 ]] || return 1
    [[ $(linted_tree .clang-tidy) == $(git hash-object .clang-tidy) ]] || return 1
    tree=$(linted_tree src) || return 1
    # Compared as trees, so that a file which git does not know yet counts, too.
    git diff --name-only --no-renames "$tree" "$(git rev-parse HEAD:src)" | sed 's|^|src/|'
    git diff --name-only --no-renames HEAD -- src
    git ls-files --others --exclude-standard src
}

# files_to_lint: the sources of the program that changed, or include what did, however far down.
files_to_lint() {
    local changed grown
    if ! changed=$(changed_files); then
        find src -name '*.cpp' | LC_ALL=C sort
        return
    fi
    while true; do
        grown=$(printf '%s\n' "$changed" | sed -n 's|^src/\(.*\)|#include "\1"|p' |
            grep -rlFf - --include='*.?pp' src 2>/dev/null || true)
        grown=$(printf '%s\n%s\n' "$changed" "$grown" | sed '/^$/d' | LC_ALL=C sort -u)
        [[ $grown != "$changed" ]] || break
        changed=$grown
    done
    while read -r file; do
        [[ $file != *.cpp || ! -e $file ]] || printf '%s\n' "$file"
    done <<<"$changed"
}

# units_of: of the sources on stdin, what the compiler sees of them: a folder's, as one. The largest
# first.
units_of() {
    local sources units=(build/ci/CMakeFiles/crudctl_lib.dir/Unity/*.cxx)
    sources=$(sed 's|.*|/&"|')
    [[ -z $sources ]] ||
        { grep -cFf - "${units[@]}" <<<"$sources" || true; } |
        sed -n 's/^\(.*\):\([1-9].*\)/\2 \1/p' | sort -rn | cut -d ' ' -f 2
    ! grep -q '^/src/main.cpp"' <<<"$sources" || printf 'src/main.cpp\n'
}

# The linter sees what the compiler saw: the ci preset's compile database. It spends its time on what
# the sources include, which a folder's have in common. Of the program alone: it would spend more
# than half of its time on the macros that the tests are made of.
check_lint() {
    local output files
    output=$(cmake --preset ci 2>&1) || fail "cannot configure the preset \"ci\": $output"
    files=$(files_to_lint)
    say "$(grep -c . <<<"$files" || true) files"
    units_of <<<"$files" |
        xargs -r -P "$(nproc)" -n 1 "$(tool clang-tidy)" -p build/ci --quiet \
            --checks=-bugprone-suspicious-include 2> >(grep -v 'warnings\? .*generated' >&2) ||
        fail "clang-tidy found something"
}

# check_floors FOLDER FLOOR…: of the folders in it, each includes only from itself and from lower floors.
check_floors() {
    local root=$1 wrong
    shift
    wrong=$(find "$root" -mindepth 2 \( -name '*.cpp' -o -name '*.hpp' \) -exec awk -v root="$root/" -v floors="$(
        IFS=,
        printf '%s' "$*"
    )" '
        BEGIN {
            count = split(floors, names, ",")
            for (i = 1; i <= count; ++i) {
                split(names[i], folders, " ")
                for (j in folders) floor[folders[j]] = i
            }
            below = substr(root, length("src/") + 1)
        }
        match($0, /^#include "[^"]+\//) {
            split(substr(FILENAME, length(root) + 1), own, "/")
            path = substr($0, length("#include \"") + 1)
            if (substr(path, 1, length(below)) != below) next
            split(substr(path, length(below) + 1), parts, "/")
            if (!(own[1] in floor)) {
                print FILENAME ": its folder has no floor"
            } else if (parts[1] in floor && parts[1] != own[1] && !(floor[parts[1]] < floor[own[1]])) {
                print FILENAME ":" FNR ": " own[1] " must not include from " parts[1]
            }
        }' {} +)
    if [[ -n $wrong ]]; then
        fail "includes point down only:
$wrong"
    fi
}

check_include_direction() {
    check_floors src "${floors[@]}"
    check_floors src/script "${script_floors[@]}"
}

# Which folder includes from which, and how many files it has.
print_structure() {
    local folder
    find src -name '*.?pp' -printf '%h\n' | LC_ALL=C sort | uniq -c | while read -r count folder; do
        printf '%4d  %-26s %s\n' "$count" "${folder#src/}" "$(
            sed -n 's|^#include "\(.*\)/[^/]*"|\1|p' "$folder"/*.?pp | LC_ALL=C sort -u |
                grep -vxF "${folder#src/}" | paste -sd ' ' || true)"
    done
}

check_small_headers() {
    local small
    small=$(find src -name '*.hpp' -exec wc -l {} + |
        awk -v lines="$small_header_lines" '$2 != "total" && $1 < lines { print $2 }')
    (($(grep -c . <<<"$small") <= most_small_headers)) ||
        fail "more than $most_small_headers headers have less than $small_header_lines lines: join them with others
$small"
}

# std::regex calls itself for each character: a long line is the end of the stack.
check_no_regex() {
    ! grep -rn '#include <regex>' src || fail "no <regex> in the program: support/text has what to use"
}

check_scripts() {
    shellcheck -x scripts/*.sh scripts/lib/*.sh src/commands/*/templates/*.sh .ci/run
}

started=$EPOCHREALTIME
step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}" "${style_packages[@]}"
step "scripts" check_scripts
step "structure" print_structure
step "include direction" check_include_direction
step "small headers" check_small_headers
step "no regex" check_no_regex
step "format" check_format
step "lint" check_lint
say "Nothing to object to, in $(seconds_since "$started") s."
