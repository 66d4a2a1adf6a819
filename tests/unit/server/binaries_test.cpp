#include "server/binaries.hpp"
#include "support/error.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>
#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::server;
using crudctl::tests::TempFolder;

namespace fs = std::filesystem;

namespace {

/// A machine of its own below a temporary folder: nothing is installed there but what is put there.
struct Machine {
    TempFolder root{0755};
    ProcessRunner processes;
    Environment environment;
    BinariesRequest request;

    Machine()
    {
        request.root = root.path();
        environment.set("PATH", (root / "bin").string());
    }

    fs::path program(const std::string& path, const std::string& script)
    {
        const fs::path file = root.write(path, "#!/bin/sh\n" + script + "\n");
        ::chmod(file.c_str(), 0755);
        return file;
    }

    fs::path install(const std::string& folder, const std::string& version)
    {
        program(folder + "/initdb", "");
        return program(folder + "/postgres", "echo 'postgres (PostgreSQL) " + version + "'")
            .parent_path();
    }

    Binaries find() { return find_binaries(request, environment, processes); }

    Error error()
    {
        try {
            find();
        } catch (const Error& error) {
            return error;
        }
        FAIL("a server was found");
        std::abort();
    }
};

} // namespace

TEST_CASE("the highest Debian version is found, by number and not by letter")
{
    Machine machine;
    machine.install("usr/lib/postgresql/9/bin", "9.6.24");
    const auto highest = machine.install("usr/lib/postgresql/15/bin", "15.13 (Debian 15.13-1)");
    const Binaries found = machine.find();
    CHECK(found.folder == highest);
    CHECK(found.version == "15.13");
    CHECK(found.major == 15);
    CHECK_THAT(found.why, Catch::Contains("usr/lib/postgresql"));
}

TEST_CASE("the places are searched in order")
{
    Machine machine;
    const auto on_path = machine.install("bin", "14.1");
    CHECK(machine.find().folder == on_path);
    const auto homebrew = machine.install("opt/homebrew/opt/postgresql@16/bin", "16.1");
    CHECK(machine.find().folder == homebrew);
    const auto red_hat = machine.install("usr/pgsql-13/bin", "13.1");
    CHECK(machine.find().folder == red_hat);
    const auto debian = machine.install("usr/lib/postgresql/12/bin", "12.1");
    CHECK(machine.find().folder == debian);
    const auto named = machine.install("opt/mine", "17.1");
    machine.program("bin/pg_config", "echo " + named.string());
    CHECK(machine.find().folder == named);
    const auto chosen = machine.install("opt/chosen", "11.1");
    machine.environment.set("CRUDCTL_PG_BIN", chosen.string());
    CHECK(machine.find().folder == chosen);
    machine.request.configured = debian;
    CHECK(machine.find().folder == debian);
}

TEST_CASE("a pg_config of a client-only package is passed over")
{
    Machine machine;
    machine.program("client/psql", "");
    machine.program("bin/pg_config", "echo " + (machine.root / "client").string());
    const auto debian = machine.install("usr/lib/postgresql/15/bin", "15.1");
    CHECK(machine.find().folder == debian);
}

TEST_CASE("a folder whose server does not run is passed over")
{
    Machine machine;
    machine.install("usr/lib/postgresql/17/bin", "17.1");
    machine.program("usr/lib/postgresql/17/bin/postgres", "exit 1");
    const auto older = machine.install("usr/lib/postgresql/15/bin", "15.1");
    CHECK(machine.find().folder == older);
}

TEST_CASE("for data that are there, the binaries of their version are taken")
{
    Machine machine;
    machine.install("usr/lib/postgresql/17/bin", "17.2");
    const auto fitting = machine.install("usr/lib/postgresql/15/bin", "15.1");
    machine.request.data_major = 15;
    CHECK(machine.find().folder == fitting);
    machine.request.data_major = 14;
    machine.root.write("etc/os-release", "ID=debian\n");
    const Error error = machine.error();
    CHECK(error.code() == ExitCode::failed);
    CHECK_THAT(error.what(), Catch::Contains("Postgres 14") && Catch::Contains("Postgres 17.2") &&
                                 Catch::Contains("kept"));
    CHECK(error.hint() == "apt-get install postgresql-14");
}

TEST_CASE("a machine without a server is told which package to install")
{
    Machine machine;
    machine.root.write("etc/os-release", "NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n");
    const Error error = machine.error();
    CHECK(error.code() == ExitCode::external);
    CHECK(error.hint() == "apt-get install postgresql");
}

TEST_CASE("a named folder without a server is an error, not a reason to look elsewhere")
{
    Machine machine;
    machine.install("usr/lib/postgresql/15/bin", "15.1");
    machine.request.configured = machine.root / "nowhere";
    CHECK(machine.error().code() == ExitCode::external);
    CHECK_THAT(machine.error().what(), Catch::Contains("nowhere"));
    machine.request.configured = machine.root / "usr/lib/postgresql/15/bin";
    machine.request.data_major = 16;
    CHECK_THAT(machine.error().what(), Catch::Contains("Postgres 16") && Catch::Contains("15.1"));
}

TEST_CASE("versions are read from what the server prints")
{
    CHECK(version_in("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n") == "15.13");
    CHECK(version_in("postgres (PostgreSQL) 18beta1\n") == "18beta1");
    CHECK_FALSE(version_in("psql (PostgreSQL) 15.13\n"));
    CHECK_FALSE(version_in("postgres (PostgreSQL) \n"));
    CHECK(major_of("18beta1") == 18);
    CHECK(major_of("15\n") == 15);
    CHECK_FALSE(major_of("x15"));
    CHECK_FALSE(major_of(""));
    CHECK_FALSE(major_of("-3"));
}

TEST_CASE("each distribution has its own install command")
{
    CHECK(install_command("ID=alpine\n", 16) == "apk add postgresql16");
    CHECK(install_command("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", std::nullopt) ==
          "dnf install postgresql-server");
    CHECK(install_command("ID=arch", std::nullopt) == "pacman -S postgresql");
    CHECK_THAT(install_command("", std::nullopt), Catch::Contains("Postgres server"));
    // NAME is for people: only the ID fields count.
    CHECK_THAT(install_command("NAME=\"not a debian\"\nID=nixos\n", std::nullopt),
               Catch::Contains("Postgres server"));
}
