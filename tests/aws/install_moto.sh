#!/usr/bin/env bash
# Installs moto, an emulator of AWS, into a virtual environment, unless it is there already.
#
#   install_moto.sh FOLDER
#
# Where it cannot be installed that is said, and it is a failure where CI is set; elsewhere the tests
# that want it are reported as not run.
set -euo pipefail
folder=$1
requirements=$(dirname "${BASH_SOURCE[0]}")/moto.txt
mkdir -p "$folder"

install() {
    rm -rf "$folder/venv"
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$folder/installed.txt"
}

exec 9>"$folder/lock"
flock 9 # two suites at once share it
if cmp --silent "$requirements" "$folder/installed.txt"; then
    exit 0
fi
rm -f "$folder/installed.txt"
if ! (install) >"$folder/log" 2>&1; then
    cat "$folder/log"
    echo "MOTO CANNOT BE INSTALLED: nothing is tried against an emulator of AWS" >&2
    if [[ -n ${CI:-} || -n ${CRUDCTL_TESTS_MUST_RUN:-} ]]; then
        exit 1
    fi
fi
