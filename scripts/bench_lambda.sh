#!/usr/bin/env bash
# Builds crudctl optimised and times it as a Lambda function beside the same trigger in Python, both
# under AWS's runtime interface emulator, on a throw-away Postgres: prints the table, and puts it into
# README.md. Takes some minutes, and wants a machine that does nothing else.
#
#   scripts/bench_lambda.sh [--repeats N] [--events N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/steps.sh
source scripts/lib/packages.sh

build=build/bench
tools=$PWD/build/lambda_tools
cluster=$PWD/$build/lambda_cluster
python_packages=("awslambdaric==4.2.2" "psycopg2-binary==2.9.13")

install_tools() {
    CRUDCTL_TESTS_MUST_RUN=1 tests/aws/lambda/install_tools.sh "$tools"
    if [[ ! -x $tools/python/bin/python ]]; then
        python3 -m venv "$tools/python"
    fi
    "$tools/python/bin/pip" install --quiet --disable-pip-version-check "${python_packages[@]}"
}

# Of the build as it is installed: optimised, and stripped.
package() {
    local project=$build/function
    cmake --install "$build" --prefix "$build/installed" --strip >/dev/null
    rm -rf "$project"
    mkdir -p "$project"
    cp -r sql "$project"
    cat >"$project/crudctl.toml" <<'END'
[lambda]
PostConfirmation_ConfirmSignUp = "users/create"

[profiles.function]
url = "${FUNCTION_URL}"
END
    "$build/installed/bin/crudctl" --config "$project/crudctl.toml" lambda package -p function \
        -o "$build/function.zip"
}

measure() (
    trap '"$build/tests/crudctl_test_cluster" stop "$cluster"' EXIT
    "$build/tests/crudctl_test_cluster" start "$cluster"
    python3 tests/bench/lambda_bench.py --tools "$tools" --package "$build/function.zip" \
        --cluster "$cluster" --readme README.md "$@"
)

step "packages" install_packages "${build_packages[@]}" "${test_packages[@]}"
step "build" build_preset bench
step "tools" install_tools
step "package" package
step "measurements" measure "$@"
