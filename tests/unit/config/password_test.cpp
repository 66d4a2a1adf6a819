#include "support/root_only.hpp"
#include "unit/config/fixture.hpp"

#include <unistd.h>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

/// Answers with what it was given and keeps the call.
class FakeRunner : public ProcessRunner {
public:
    explicit FakeRunner(ProgramResult answer) : m_answer(std::move(answer)) {}

    ProgramResult run(const ProgramCall& call) override
    {
        calls.push_back(call);
        return m_answer;
    }

    std::vector<ProgramCall> calls;

private:
    ProgramResult m_answer;
};

const std::string with_command = "[project]\nname = 'd'\n[profiles.local]\n"
                                 "url = 'postgresql://u:from_url@h/d'\n"
                                 "password_command = ['vault', 'read', '${ITEM}']\n";

Failure command_failure(const ProjectFolder& project, ProcessRunner& runner)
{
    const Settings settings = project.load({{"ITEM", "pg"}});
    return failure_of([&] { with_password(settings.profile(), settings, runner); });
}

} // namespace

TEST_CASE("the password is the command's, else the URL's, else PGPASSWORD's", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({0, canary + "\n", "noise"});
    const auto password_for = [&](const std::string& toml) {
        const Settings settings =
            project.load_text(toml, {{"ITEM", "pg"}, {"PGPASSWORD", "from_env"}});
        return with_password(settings.profile(), settings, runner).password().reveal();
    };
    CHECK(password_for(with_command) == canary);
    CHECK(password_for("[profiles.local]\nurl = 'postgresql://u:from_url@h/d'\n") == "from_url");
    CHECK(password_for("[profiles.local]\nhost = 'h'\ndbname = 'd'\npassword = 'key'\n") == "key");
    CHECK(password_for("[profiles.local]\nurl = 'postgresql://u@h/d'\n") == "from_env");
    CHECK(runner.calls.size() == 1);
}

TEST_CASE("without any password it is left to libpq", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({});
    const Settings settings = project.load_text("[profiles.local]\nurl = 'postgresql://u@h/d'\n");
    CHECK(with_password(settings.profile(), settings, runner).password().empty());
    CHECK(runner.calls.empty());
}

TEST_CASE("password_command runs as written, in the root, and only when asked", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({0, canary, ""});
    const Settings settings = project.load_text(with_command, {{"ITEM", "a b; rm $(x)"}});
    const Profile profile = settings.profile();
    CHECK(runner.calls.empty());
    with_password(profile, settings, runner);
    REQUIRE(runner.calls.size() == 1);
    CHECK(runner.calls[0].argv == std::vector<std::string>{"vault", "read", "a b; rm $(x)"});
    CHECK(runner.calls[0].directory == project.root());
    CHECK(runner.calls[0].environment.value("ITEM") == "a b; rm $(x)");
}

TEST_CASE("one trailing newline is not part of the password", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", with_command);
    const auto [out, password] = GENERATE(table<std::string, std::string>(
        {{"p", "p"}, {"p\n", "p"}, {"p\r\n", "p"}, {"p\n\n", "p\n"}, {" p ", " p "}}));
    FakeRunner runner({0, out, ""});
    const Settings settings = project.load({{"ITEM", "pg"}});
    CHECK(with_password(settings.profile(), settings, runner).password().reveal() == password);
}

TEST_CASE("a failing password_command is named without what it said", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", with_command);
    FakeRunner failing({3, canary, canary});
    const Failure failed = command_failure(project, failing);
    CHECK(failed.code == ExitCode::external);
    CHECK(failed.message == "password_command \"vault\" failed with exit code 3");
    CHECK(failed.hint == "run it by hand to see what it says");

    FakeRunner silent({0, "\n", canary});
    const Failure nothing = command_failure(project, silent);
    CHECK(nothing.code == ExitCode::external);
    CHECK(nothing.message == "password_command \"vault\" printed no password");
}

TEST_CASE("a real password_command is run without a shell", "[config]")
{
    const ProjectFolder project;
    project.write("ask", "#!/bin/sh\nprintf '%s\\n' \"$1-$2\"\n", 0700);
    project.write("crudctl.toml", "[profiles.local]\nurl = 'postgresql://u@h/d'\n"
                                  "password_command = ['" +
                                      (project.root() / "ask").string() + "', '$HOME', '*']\n");
    ProcessRunner runner;
    const Settings settings = project.load();
    CHECK(with_password(settings.profile(), settings, runner).password().reveal() == "$HOME-*");
}

TEST_CASE("a password_command that isn't there is an external failure", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", with_command);
    ProcessRunner runner;
    const Failure failure = command_failure(project, runner);
    CHECK(failure.code == ExitCode::external);
    CHECK_THAT(failure.message, Catch::Contains("\"vault\""));
}

TEST_CASE("a password_command from a file that others may write is not run", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({0, canary, ""});
    const mode_t mode = GENERATE(mode_t{0620}, mode_t{0602}, mode_t{0666});
    project.write("crudctl.toml", with_command, mode);
    const Failure failure = command_failure(project, runner);
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message ==
          "password_command in \"crudctl.toml\" is not run: others may write the file");
    CHECK(failure.hint == "chmod go-w \"crudctl.toml\"");
    CHECK(runner.calls.empty());

    project.write("crudctl.toml", with_command, 0644);
    CHECK(command_failure(project, runner).code == ExitCode::done);
}

TEST_CASE("a password_command from a folder that others may write to is not run", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({0, canary, ""});
    project.write("crudctl.toml", with_command, 0644);
    const auto [folder, mode, is_run] = GENERATE(table<std::string, unsigned, bool>({
        {"project", 0755, true},
        {"project", 0777, false},
        {"project", 0775, false}, // its group
        {"project", 01777, true}, // the sticky bit keeps others from replacing it
        {".", 0777, false},       // the folder itself can be replaced
        {".", 0775, true},
    }));
    INFO(folder << " " << std::oct << mode);
    fs::permissions(project.base() / folder, static_cast<fs::perms>(mode));
    const Failure failure = command_failure(project, runner);
    fs::permissions(project.base() / folder, fs::perms(0700));
    CHECK(runner.calls.size() == (is_run ? 1 : 0));
    CHECK(failure.code == (is_run ? ExitCode::done : ExitCode::configuration));
    if (!is_run) {
        CHECK_THAT(failure.message, Catch::Contains("and replace the file"));
        CHECK_THAT(failure.hint, Catch::StartsWith("chmod go-w \"/"));
    }
}

TEST_CASE("password_command gets of .env the variables that it names", "[config]")
{
    const ProjectFolder project;
    FakeRunner runner({0, canary, ""});
    project.write("crudctl.toml", with_command);
    project.write(".env", "ITEM=pg\nLD_PRELOAD=evil.so\nPATH=/evil\nOTHER=x\n");
    const Settings settings = project.load({{"REAL", "yes"}});
    with_password(settings.profile(), settings, runner);
    REQUIRE(runner.calls.size() == 1);
    const Environment& environment = runner.calls[0].environment;
    CHECK(environment.value("ITEM") == "pg");
    CHECK(environment.value("REAL") == "yes");
    for (const char* name : {"LD_PRELOAD", "PATH", "OTHER"}) {
        CHECK_FALSE(environment.value(name).has_value());
    }
}

TEST_CASE("a password_command from a foreign file is not run, even where it is named", "[config]")
{
    if (!tests::may_try_as_root("give a file away")) {
        return;
    }
    const ProjectFolder project;
    FakeRunner runner({0, canary, ""});
    const fs::path file = project.write("crudctl.toml", with_command);
    REQUIRE(::chown(file.c_str(), 54321, 54321) == 0);
    Sources sources = project.sources({{"ITEM", "pg"}});
    sources.config_file = file;
    const auto run = [&] {
        const Settings settings = load_settings(sources);
        with_password(settings.profile(), settings, runner);
    };
    const Failure failure = failure_of(run);
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message, Catch::Contains("neither you, root nor its folder's owner"));
    CHECK(runner.calls.empty());

    REQUIRE(::chown(project.root().c_str(), 54321, 54321) == 0);
    CHECK(failure_of(run).code == ExitCode::done);
}

TEST_CASE("a file with a password that others may read is warned about", "[config]")
{
    const auto [toml, is_warned] = GENERATE(table<std::string, bool>({
        {"url = 'postgresql://u:S3cr3t-c4n4ry@h/d'", true},
        {"url = '${URL:-postgresql://u:S3cr3t-c4n4ry@h/d}'", true},
        {"url = 'postgresql://u:S3cr3t-c4n4ry@${H}/d'", true},
        {"url = 'postgresql://u@h/d?password=S3cr3t-c4n4ry'", true},
        {"host = 'h'\npassword = 'S3cr3t-c4n4ry'", true},
        {"url = 'postgresql://u:${P}@h/d'", false},
        {"url = '${URL}'", false},
        {"host = 'h'\npassword = '${P}'", false},
        {"url = 'postgresql://u@h/d'", false},
    }));
    INFO(toml);
    const ProjectFolder project;
    project.write("crudctl.toml", "[profiles.other]\n" + toml + "\n", 0644);
    CHECK(project.load().warnings().size() == (is_warned ? 1 : 0));
    if (is_warned) {
        CHECK(project.load().warnings()[0] ==
              "\"crudctl.toml\" holds a password and others may read it; chmod 600 "
              "\"crudctl.toml\" helps");
    }
    project.write("crudctl.toml", "[profiles.other]\n" + toml + "\n", 0600);
    CHECK(project.load().warnings().empty());
}
