#include "cli/database_project.hpp"
#include "cli/project/own_server_project.hpp"
#include "commands/registry.hpp"
#include "support/canary.hpp"
#include "support/system/file.hpp"
#include "support/trust.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

using Arguments = std::vector<std::string>;

/// A cloned project whose profiles want a program run: it leaves a file behind.
struct ClonedProject {
    ClonedProject() { project.write("crudctl.toml", text()); }

    std::string text(const std::string& more = "") const
    {
        std::string file = "[project]\nname = 'cruddur'\nqueries = 'sql/queries'\n"
                           "[server]\nbinaries = 'bin'\n";
        for (const char* profile : {"local", "prod"}) {
            file +=
                fmt::format("[profiles.{}]\nurl = 'postgresql://postgres@127.0.0.1:{}/postgres'\n"
                            "own_server = {}\npassword_command = ['./evil']\n{}",
                            profile, TestCluster::running().port(),
                            std::string(profile) == "prod" ? "true" : "false", more);
        }
        return file;
    }

    fs::path trace() const { return project.root() / "it-ran"; }
    void plant() const
    {
        const std::string script =
            fmt::format("#!/bin/sh\ntouch '{}'\ncat '{}'\n", trace().string(),
                        (project.root() / "password").string());
        for (const char* name : {"evil", "bin/postgres", "bin/initdb"}) {
            fs::permissions(project.write(name, script), static_cast<fs::perms>(0755));
        }
        fs::permissions(project.write("password", TestCluster::running().password() + "\n"),
                        static_cast<fs::perms>(0600));
    }
    CliCall run(const Arguments& arguments) const
    {
        return project.run_crudctl(arguments).with_secret(TestCluster::running().password());
    }
    fs::path store() const { return project.home() / ".local/state/crudctl/trusted.jsonl"; }

    SampleProject project;
};

/// What a command needs to get past the parser.
Arguments arguments_for(const std::string& command)
{
    static const std::map<std::string, Arguments> more = {
        {"lambda", {"invoke", "event.json"}},
        {"query", {"users/show", "handle=ada"}},
        {"rds", {"status"}},
        {"save", {"kept"}},
        {"server", {"start"}},
        {"mark", {"--as", "dev"}},
        {"connect", {"--", "-Xc", "select 1"}},
    };
    Arguments arguments = {command};
    const auto found = more.find(command);
    if (found != more.end()) {
        arguments.insert(arguments.end(), found->second.begin(), found->second.end());
    }
    return arguments;
}

std::string digest_in(const std::string& out)
{
    const std::string name = "CRUDCTL_TRUST=";
    const auto at = out.find(name);
    REQUIRE(at != std::string::npos);
    return out.substr(at + name.size(), 64);
}

} // namespace

TEST_CASE("no command and no completion runs a program that is not trusted")
{
    const ClonedProject clone;
    clone.plant();
    clone.project.write("event.json", "{}");
    for (const auto& entry : commands::registry()) {
        for (const char* profile : {"local", "prod"}) {
            Arguments arguments = arguments_for(entry.name);
            arguments.insert(arguments.begin(), {"-p", profile});
            const auto result = clone.run(arguments).result();
            INFO(entry.name << " " << profile << "\n" << result.err);
            CHECK_FALSE(fs::exists(clone.trace()));
            CHECK_FALSE(contains(result.err, "internal error"));
        }
    }
    for (const Arguments& words :
         {Arguments{"__complete", "status", ""}, Arguments{"__complete", "-p", ""},
          Arguments{"__complete", "query", ""}}) {
        clone.run(words).result();
        CHECK_FALSE(fs::exists(clone.trace()));
    }
}

TEST_CASE("reading commands say what is not trusted, at a terminal, too, and do not ask")
{
    const ClonedProject clone;
    clone.plant();
    for (const char* command : {"status", "url", "sessions"}) {
        const auto result = clone.run({command, "local"}).result();
        INFO(command << "\n" << result.out << result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.out + result.err,
                       "not trusted yet: crudctl.toml:9 runs ./evil. Nothing was run or sent"));
        CHECK(contains(result.out + result.err, "crudctl trust local"));
        const auto shown = clone.run({command, "local"}).with_terminal(200).result();
        CHECK(shown.exit_code == 5);
        CHECK_FALSE(contains(shown.screen, "Type yes"));
    }
    const auto doctor = clone.run({"doctor"}).result();
    CHECK(doctor.exit_code == 5);
    CHECK(contains(doctor.out, "not trusted yet"));
    CHECK(contains(doctor.out, "fix: crudctl trust local"));
    const auto config = clone.run({"config"}).result();
    CHECK(config.exit_code == 0);
    CHECK(contains(config.err, "profile \"prod\" is not trusted yet: crudctl.toml:13 runs ./evil"));
    CHECK(contains(config.err, "crudctl trust prod"));
    CHECK_FALSE(fs::exists(clone.trace()));
}

TEST_CASE("a person is asked once, and shown what would run")
{
    const ClonedProject clone;
    clone.plant();
    const auto no = clone.run({"create"})
                        .with_terminal(200)
                        .expect("./evil")
                        .expect("SHA-256")
                        .expect("its answer goes to 127.0.0.1")
                        .expect("crudctl.toml:9")
                        .expect("Type yes to trust it")
                        .type("y\n")
                        .result();
    CHECK(no.exit_code == 5);
    CHECK(contains(no.screen, "not trusted. Nothing was run or sent"));
    CHECK_FALSE(fs::exists(clone.trace()));
    CHECK_FALSE(fs::exists(clone.store()));

    const auto yes = clone.run({"create"})
                         .with_terminal(200)
                         .expect("Type yes to trust it")
                         .type("yes\n")
                         .result();
    INFO(yes.screen);
    CHECK(fs::exists(clone.trace()));
    struct stat facts {};
    REQUIRE(::stat(clone.store().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600U);

    CHECK(clone.run({"sessions"}).result().exit_code == 0);
    const auto again = clone.run({"create"}).with_terminal(200).result();
    CHECK_FALSE(contains(again.screen, "Type yes"));

    // Another program, or another place for what it says, is another question.
    clone.project.write("evil", "#!/bin/sh\necho other\n");
    CHECK(clone.run({"sessions"}).result().exit_code == 5);
    clone.plant();
    CHECK(clone.run({"sessions"}).result().exit_code == 0);
    clone.project.write("crudctl.toml", clone.text("hostaddr = '8.8.8.8'\n"));
    const auto moved = clone.run({"sessions"}).result();
    CHECK(moved.exit_code == 5);
    CHECK(contains(moved.err, "crudctl trust local"));
}

TEST_CASE("crudctl trust shows, and remembers at a terminal only")
{
    const ClonedProject clone;
    clone.plant();
    const auto shown = clone.run({"trust"}).result();
    CHECK(shown.exit_code == 5);
    CHECK(contains(shown.out, "runs     ./evil\n"));
    CHECK(contains(shown.out, "from crudctl.toml:9\n"));
    CHECK(contains(shown.err, "has to be confirmed at a terminal. Nothing was remembered"));
    CHECK_FALSE(fs::exists(clone.store()));
    const auto document = nlohmann::json::parse(clone.run({"trust", "--json"}).result().out);
    CHECK(document["trusted"] == false);
    CHECK(document["digest"] == digest_in(shown.out));
    CHECK(document["wants"].size() == 1);

    agree(clone.run({"trust"}));
    const auto trusted = clone.run({"trust"}).result();
    CHECK(trusted.exit_code == 0);
    CHECK(digest_in(trusted.out) == digest_in(shown.out));
    CHECK(clone.run({"sessions"}).result().exit_code == 0);
    CHECK(clone.run({"trust", "prod"}).result().exit_code == 5); // [server] besides
}

TEST_CASE("CRUDCTL_TRUST allows exactly what it stands for, from the real environment alone")
{
    const ClonedProject clone;
    clone.plant();
    const std::string digest = digest_in(clone.run({"trust"}).result().out);
    const auto with = [&](const std::string& value) {
        return clone.run({"sessions"}).with_variable("CRUDCTL_TRUST", value).result();
    };
    CHECK(with(digest).exit_code == 0);
    CHECK(with("0123," + digest).exit_code == 0);
    CHECK_FALSE(fs::exists(clone.store())); // it is for that run
    const auto other = with(std::string(64, '0'));
    CHECK(other.exit_code == 5);
    CHECK(contains(other.err, "CRUDCTL_TRUST in the environment does not fit these files. crudctl "
                              "trust local shows what they want now"));
    const std::string last = other.err.substr(other.err.rfind('\n', other.err.size() - 2) + 1);
    CHECK(contains(last, "crudctl trust local"));
    clone.project.write(".env", "CRUDCTL_TRUST=" + digest + "\n");
    CHECK(clone.run({"sessions"}).result().exit_code == 5);
    clone.project.write("evil", "#!/bin/sh\necho other\n");
    CHECK(with(digest).exit_code == 5);
}

TEST_CASE("ensure never asks, and neither do the state folders of .env or of another user count")
{
    const ClonedProject clone;
    clone.plant();
    agree(clone.run({"trust"}));
    const fs::path planted = clone.project.root() / "state";
    fs::create_directories(planted / "crudctl");
    fs::copy_file(clone.store(), planted / "crudctl/trusted.jsonl");
    fs::remove(clone.store());
    clone.project.write(".env", "XDG_STATE_HOME=" + planted.string() + "\n");
    const auto result = clone.run({"ensure"}).with_terminal(200).result();
    CHECK(result.exit_code == 5);
    CHECK_FALSE(contains(result.screen, "Type yes"));
    CHECK(clone.run({"sessions"}).with_variable("XDG_STATE_HOME", planted).result().exit_code == 0);
    fs::permissions(planted / "crudctl", static_cast<fs::perms>(0777));
    const auto open = clone.run({"sessions"}).with_variable("XDG_STATE_HOME", planted).result();
    CHECK(open.exit_code == 3);
    CHECK(contains(open.err, "is not used: others may write to it"));
}

TEST_CASE("a secret of the environment is sent to no host that the project spells")
{
    SampleProject project;
    project.set_variable("PGPASSWORD", canary());
    project.set_variable("TOKEN", canary());
    for (const char* line :
         {"url = 'postgresql://u:${TOKEN}@db.invalid/d'\n", "url = 'postgresql://u@db.invalid/d'\n",
          "host = 'db.invalid'\ndbname = '${TOKEN}'\npassword = 'x'\n"}) {
        project.write("crudctl.toml", std::string("[profiles.local]\n") + line);
        const auto result = project.run_crudctl({"sessions"}).result();
        INFO(line << result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "crudctl.toml:2 sends the value of "));
        CHECK(contains(result.err, " to db.invalid"));
    }
    project.set_variable("AWS_SECRET_ACCESS_KEY", canary());
    project.write(
        "crudctl.toml",
        "[profiles.local]\nurl = 'postgresql://u:${AWS_SECRET_ACCESS_KEY}@localhost/d'\n");
    const auto refused = project.run_crudctl({"sessions"}).result();
    CHECK(refused.exit_code == 3);
    CHECK(contains(refused.err, "crudctl.toml:2:7: AWS_SECRET_ACCESS_KEY is a secret of AWS"));
}

TEST_CASE("the everyday ways to a database are never asked for")
{
    DatabaseProject fixture;
    fixture.project.set_variable("PGPASSWORD", TestCluster::running().password());
    fixture.project.set_variable("PORT", TestCluster::running().port());
    const std::string name = fixture.database.name();
    for (const std::string& lines :
         {std::string("url = '${CONNECTION_URL}'\n"),
          fmt::format("url = 'postgresql://postgres:${{PGPASSWORD}}@localhost:${{PORT}}/{}'\n",
                      name),
          fmt::format("host = '127.0.0.1'\nport = '${{PORT}}'\nuser = 'postgres'\ndbname = '{}'\n",
                      name)}) {
        fixture.project.write("crudctl.toml", "[profiles.local]\nown_server = true\n" + lines);
        const auto result = fixture.run({"sessions"}).with_terminal(200).result();
        INFO(lines << result.screen);
        CHECK(result.exit_code == 0);
        CHECK_FALSE(contains(result.screen, "trust"));
    }
    CHECK_FALSE(fs::exists(fixture.project.home() / ".local/state/crudctl/trusted.jsonl"));
}

TEST_CASE("on the own server SQL that leaves the database waits for a yes")
{
    const OwnServerProject project;
    const std::string trace = (project.root().parent_path() / "pwned").string();
    const auto write = [&](const std::string& file, const std::string& text) {
        write_file(project.root() / file, text);
    };
    CHECK(project.run({"setup"}).result().exit_code == 0); // the sample wants nothing
    write("evil.sql", "select 1;\ncopy (select 1) to program 'touch " + trace + "';\n");
    const auto load = project.run({"schema-load", "-f", "evil.sql"}).result();
    INFO(load.err);
    CHECK(load.exit_code == 5);
    CHECK(contains(load.err, "evil.sql:2 server copy (select 1) to program 'touch "));
    CHECK(contains(load.err, "typed at a terminal, the same command shows it and asks"));
    write("sql/queries/evil.sql", "select pg_read_file('PG_VERSION')");
    CHECK(project.run({"query", "evil"}).result().exit_code == 5);
    CHECK(project.run({"trust"}).result().exit_code == 5);
    agree(project.run({"trust"}));
    CHECK(project.run({"query", "evil"}).result().exit_code == 0);
    // What the command line names besides is not the project's.
    CHECK(project.run({"schema-load", "-f", "evil.sql"}).result().exit_code == 5);
    CHECK_FALSE(fs::exists(trace));
    const auto yes = project.run({"schema-load", "-f", "evil.sql", "--no-copy"})
                         .with_terminal(200)
                         .expect("touch")
                         .expect("Type yes to trust it")
                         .type("no\n")
                         .result();
    CHECK(yes.exit_code == 5);
    CHECK_FALSE(fs::exists(trace));
}

TEST_CASE("what psql would run by itself waits for a yes, on any server")
{
    const DatabaseProject fixture;
    const std::string trace = (fixture.project.home() / "pwned").string();
    fixture.project.write("sql/inner.sql", "\\! touch " + trace + "\n");
    for (const std::string& text :
         {"\\! touch " + trace + "\n", "\\set x `touch " + trace + "`\n",
          std::string("\\ir sql/inner.sql\n"), "select 1 \\g |touch " + trace + "\n",
          std::string("\\getenv x PGPASSWORD\n"), std::string("\\set f sql/inner.sql\n\\i :f\n"),
          "\\if false\ncopy users from stdin;\n\\endif\n\\! touch " + trace + "\n\\.\n",
          "\\set ON_ERROR_STOP off\ncopy none from stdin;\n\\! touch " + trace + "\n\\.\n",
          "set standard_conforming_strings=off;\nselect 'a\\'';\n\\! touch " + trace + "\n-- '\n",
          "select set_config('standard_conforming_strings', 'off', false);\nselect 'a\\'';\n\\! "
          "touch " +
              trace + "\n-- '\n",
          "do $$begin execute 'set standard_con' || 'forming_strings = off'; end$$;\nselect "
          "'a\\'';\n\\! touch " +
              trace + "\n-- '\n",
          "\\copy (select 'x') to '" + trace + "'\n",
          "\\copy (select 1 from pg_class limit 1)\tto\t'" + trace + "'\n",
          "\\copy (select 1) to '" + trace + "' to stdout\n",
          "\\copy (select ' from stdin') to stdout\n\\! touch " + trace + "\n\\.\n",
          "\\copy users from pstdin\n\\! touch " + trace + "\n\\.\n",
          "select E'\\\\! touch " + trace + "' as x \\gset\n:x\n",
          "\\set x '\\\\! touch " + trace + "'\n:x\n"}) {
        fixture.project.write("evil.sql", text);
        const auto result = fixture.run({"seed", "-f", "evil.sql", "--via", "psql"}).result();
        INFO(text << result.err);
        CHECK(result.exit_code == 5);
        CHECK_FALSE(fs::exists(trace));
    }
    fixture.project.write("plain.sql",
                          "set standard_conforming_strings = on;\nSET client_encoding = 'UTF8';\n"
                          "\\set ON_ERROR_STOP on\n\\echo hello\nselect 1;\n"
                          "\\copy (select 1) to stdout\n");
    const auto plain = fixture.run({"seed", "-f", "plain.sql", "--via", "psql"}).result();
    INFO(plain.err);
    CHECK(plain.exit_code == 0);
}

TEST_CASE("init trusts what it wrote, and writes into the hook only what a person agreed to")
{
    ClonedProject clone;
    clone.plant();
    const auto hook = [&] { return clone.run({"init", "--hook", "gitpod", "--overwrite"}); };
    const auto script = [&] {
        return read_file(clone.project.root() / ".crudctl/start.sh", 1U << 20U).text;
    };
    const auto warned = hook().result();
    CHECK(warned.exit_code == 0);
    CHECK(contains(warned.err, "crudctl trust local, then crudctl init --hook --overwrite"));
    CHECK(contains(script(), "\nCRUDCTL_TRUST=${CRUDCTL_TRUST:-}\n"));

    agree(clone.run({"trust"}));
    CHECK(hook().result().exit_code == 0);
    const std::string digest = digest_in(clone.run({"trust"}).result().out);
    CHECK(contains(script(), "\nCRUDCTL_TRUST=${CRUDCTL_TRUST:-" + digest + "}\n"));
    CHECK(clone.run({"init", "--hook", "gitpod"}).result().exit_code == 0); // as it should be
    CHECK_FALSE(fs::exists(clone.trace()));

    fs::remove(clone.project.root() / "crudctl.toml");
    clone.project.set_variable("CONNECTION_URL", "postgresql://u@db.example.com/d");
    CHECK(clone.run({"init"}).result().exit_code == 0);
    CHECK(clone.run({"trust"}).result().exit_code == 0);
}
