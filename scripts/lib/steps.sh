# Shared by the scripts: how they speak, and how they time what they do.
# shellcheck shell=bash

# Everything for people goes to stderr.
say() {
    printf '%s\n' "$*" >&2
}

fail() {
    say "error: $*"
    exit 1
}

# step TITLE COMMAND…: runs the command and says how long it took; in $CRUDCTL_STEPS, too, where that
# names a file.
step() {
    local title=$1 started=$EPOCHREALTIME took
    shift
    say "── $title"
    "$@"
    took=$(seconds_since "$started")
    say "── $title: $took s"
    printf '%8s s  %s\n' "$took" "$title" >>"${CRUDCTL_STEPS:-/dev/null}"
}

# seconds_since EPOCHREALTIME: with one decimal. The comma is what some locales put into it.
seconds_since() {
    local started=${1/,/.} now=${EPOCHREALTIME/,/.}
    local tenths=$((((${now/./} - ${started/./}) + 50000) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# build_preset NAME: configures and builds build/NAME, with ccache where there is one.
build_preset() {
    local output
    if command -v ccache >/dev/null; then
        export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
    fi
    output=$(cmake --preset "$1" 2>&1) || {
        say "$output"
        fail "cannot configure the preset \"$1\""
    }
    cmake --build --preset "$1"
}
