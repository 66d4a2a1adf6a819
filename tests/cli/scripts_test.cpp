#include "support/cli_runner.hpp"
#include "support/fake_bin.hpp"
#include "support/paths.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using crudctl::tests::CliCall;
using crudctl::tests::CliResult;
using crudctl::tests::FakeBin;
using crudctl::tests::source_folder;

namespace {

CliResult install(const FakeBin& fake, const std::string& packages)
{
    const std::string script = "set -euo pipefail; cd '" + source_folder().string() +
                               "'; source scripts/lib/steps.sh; source scripts/lib/packages.sh; "
                               "as_root() { \"$@\"; }; require_root_rights() { :; }; "
                               "install_packages " +
                               packages;
    return CliCall({"-c", script})
        .with_program("/bin/bash")
        .with_programs_from(fake.folder())
        .result();
}

bool has(const std::vector<std::string>& arguments, const std::string& word)
{
    return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
}

} // namespace

TEST_CASE("nothing is asked of apt-get where every package is there")
{
    const FakeBin fake;
    fake.add("dpkg-query", 0, "one installed\ntwo installed\n");
    fake.add("apt-get");
    const CliResult result = install(fake, "one two");
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(fake.calls("apt-get").empty());
}

TEST_CASE("only the packages that are missing are installed")
{
    const FakeBin fake;
    fake.add("dpkg-query", 1, "one installed\ntwo config-files\n");
    fake.add("apt-get", 0, "a hundred lines\n");
    const CliResult result = install(fake, "one two three");
    CHECK(result.exit_code == 0);
    CHECK(result.err == "installing: two three\n");
    REQUIRE_FALSE(fake.calls("apt-get").empty());
    const auto call = fake.calls("apt-get").back();
    CHECK(has(call.arguments, "install"));
    CHECK(has(call.arguments, "two"));
    CHECK(has(call.arguments, "three"));
    CHECK_FALSE(has(call.arguments, "one"));
    CHECK(call.environment.at("DEBIAN_FRONTEND") == "noninteractive");
}

TEST_CASE("an installation that fails has fetched the package lists before, and shows why")
{
    const FakeBin fake;
    fake.add("dpkg-query");
    fake.add("apt-get", 100, "E: no such package\n");
    const CliResult result = install(fake, "three");
    CHECK(result.exit_code != 0);
    CHECK_THAT(result.err, Contains("E: no such package"));
    const auto calls = fake.calls("apt-get");
    CHECK(std::any_of(calls.begin(), calls.end(),
                      [](const auto& call) { return has(call.arguments, "update"); }));
}

TEST_CASE("without root and sudo the missing packages are named")
{
    const FakeBin fake;
    fake.add("dpkg-query");
    const CliResult result =
        CliCall({"-c", "cd '" + source_folder().string() +
                           "'; source scripts/lib/steps.sh; "
                           "source scripts/lib/packages.sh; "
                           "is_root() { false; }; PATH=" +
                           fake.folder().string() + "; install_packages one two"})
            .with_program("/bin/bash")
            .result();
    CHECK(result.exit_code == 1);
    CHECK_THAT(result.err, Contains("apt-get install one two"));
}
