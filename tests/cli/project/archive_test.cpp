#include "cli/database_project.hpp"
#include "cli/project/archive.hpp"
#include "support/paths.hpp"
#include "support/root_only.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

/// Another project's sql/, with a crudctl.toml that says where the database is.
void write_project(const fs::path& folder, const std::string& url)
{
    fs::create_directories(folder);
    fs::copy(source_folder() / "sql", folder / "sql", fs::copy_options::recursive);
    std::ofstream(folder / "crudctl.toml") << "profiles.local.url = \"" << url << "\"\n";
}

} // namespace

TEST_CASE("the archive runs without an environment, by its own libraries alone")
{
    const Archive archive;
    const CliResult version = archive.without_environment({"--version"}).result();
    INFO(version.err);
    CHECK(version.exit_code == 0);
    CHECK(version.out.starts_with("crudctl "));

    const auto listed =
        run_crudctl({"--inhibit-cache", "--library-path", (archive.folder() / "lib").string(),
                     "--list", (archive.folder() / "lib/crudctl").string()})
            .with_program(archive.folder() / "lib/crudctl-loader")
            .result();
    CHECK(listed.exit_code == 0);
    const fs::path licences = archive.folder() / "share/doc/crudctl/licences";
    CHECK(fs::exists(licences / "libpq5"));
    CHECK(fs::exists(licences / "libdtl-dev")); // of which there are headers alone
    CHECK(contains(listed.out, "libpq.so.5 => " + archive.folder().string() + "/lib/"));
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK((contains(line, "linux-vdso") || contains(line, " => crudctl-loader ") ||
               contains(line, archive.folder().string() + "/lib/")));
    }

    const TempDatabase database;
    const fs::path project = archive.root() / "project";
    write_project(project, database.info().url(pg::ConnInfo::ShowPassword::no));
    const CliResult setup = archive.without_environment({"setup"}).in_folder(project).result();
    INFO(setup.err);
    CHECK(setup.exit_code == 0);
    CHECK(pg::Connection(database.info()).exec("select count(*) > 0 from users").scalar() == "t");
}

TEST_CASE("the archive is found through a link, and its words get through as they are")
{
    const Archive archive;
    const fs::path link = archive.root() / "crudctl-link";
    fs::create_symlink("crudctl/bin/crudctl", link);
    const auto run = [&](std::vector<std::string> arguments) {
        return run_crudctl(std::move(arguments)).with_program(link).result();
    };
    CHECK(run({"--version"}).out.starts_with("crudctl "));
    const CliResult unknown = run({"--list", "a b", ""});
    CHECK(unknown.exit_code == 2);
    CHECK(contains(unknown.err, "--list"));
    fs::remove(archive.folder() / "lib/crudctl-loader");
    const CliResult broken = run({"--version"});
    CHECK(broken.exit_code == 1);
    CHECK(contains(broken.err, "lib/crudctl-loader\": No such file"));
}

TEST_CASE("the archive makes a function's package of itself")
{
    const Archive archive;
    const fs::path project = archive.root() / "project";
    write_project(project, "${FUNCTION_URL}");
    std::ofstream(project / "crudctl.toml", std::ios::app)
        << "[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n";
    const CliResult made =
        archive.without_environment({"lambda", "package", "--json"}).in_folder(project).result();
    INFO(made.err);
    REQUIRE(made.exit_code == 0);
    for (const char* name :
         {"bootstrap", "lib/crudctl", "lib/crudctl-loader", "lib/libc.so.6", "lib/libpq.so.5"}) {
        CHECK(contains(made.out, std::string("\"") + name + "\""));
    }
    CHECK(fs::file_size(project / "crudctl-lambda.zip") < std::uintmax_t{50} << 20U);
}

TEST_CASE("the archive sets a database up where there is no other file at all")
{
    if (!may_try_as_root("change the root folder")) {
        return;
    }
    const Archive archive;
    const TempDatabase database;
    write_project(archive.root() / "project", "${CONNECTION_URL}");
    const auto in_bare_root = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {archive.root().string(), "/crudctl/bin/crudctl",
                                             "--config", "/project/crudctl.toml"});
        return run_crudctl(std::move(arguments))
            .with_program("/usr/sbin/chroot")
            .with_variable("HOME", "/home")
            .with_variable("ASAN_OPTIONS", "detect_leaks=0") // which takes /proc
            .with_variable("CONNECTION_URL", database.url())
            .with_secret(TestCluster::running().password())
            .result();
    };
    const CliResult setup = in_bare_root({"setup"});
    INFO(setup.err);
    CHECK(setup.exit_code == 0);
    CHECK(pg::Connection(database.info()).exec("select count(*) > 0 from users").scalar() == "t");
    CHECK(in_bare_root({"status"}).exit_code == 0);
}
