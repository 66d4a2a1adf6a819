#include "support/canary.hpp"
#include "support/cli_runner.hpp"
#include "support/fake_bin.hpp"
#include "support/sample_project.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using Catch::Matchers::Contains;
using crudctl::tests::canary;
using crudctl::tests::CliCall;
using crudctl::tests::FakeBin;
using crudctl::tests::SampleProject;

namespace {

CliCall run_shell(const std::string& script)
{
    return CliCall({"-c", script}).with_program("/bin/sh");
}

CliCall run_shell_for_two_seconds(const std::string& script)
{
    return run_shell(script).with_time_limit(std::chrono::seconds(2));
}

} // namespace

TEST_CASE("a run gives exit code, stdout and stderr apart")
{
    const auto result = run_shell("echo data; echo note >&2; exit 7").result();
    CHECK(result.exit_code == 7);
    CHECK(result.err == "note\n");
    CHECK(result.out == "data\n");
}

TEST_CASE("a run that a signal ends has 128 and its number as exit code")
{
    CHECK(run_shell("kill -TERM $$").result().exit_code == 128 + SIGTERM);
}

TEST_CASE("a signal comes once stderr shows the text, and not where it never does")
{
    const std::string script = "trap 'exit 42' INT; echo ready >&2; while :; do sleep 0.05; done";
    CHECK(run_shell(script).with_signal(SIGINT, "ready").result().exit_code == 42);
    CHECK(run_shell("echo ready").with_signal(SIGINT, "steady").result().exit_code == 0);
}

TEST_CASE("a program that cannot be started ends with 127")
{
    CHECK(CliCall({}).with_program("/nonexistent/program").result().exit_code == 127);
}

TEST_CASE("input is empty unless given, and can be closed")
{
    CHECK(run_shell("cat").result().out.empty());
    CHECK(run_shell("cat").with_input("n\n").result().out == "n\n");
    CHECK(run_shell("cat").with_closed_input().result().exit_code != 0);
}

TEST_CASE("input larger than a pipe arrives whole, and may stay unread")
{
    const std::string large(1U << 20U, 'x');
    CHECK(run_shell("wc -c | tr -d ' '").with_input(large).result().out == "1048576\n");
    CHECK(run_shell("exit 3").with_input(large).result().exit_code == 3);
}

TEST_CASE("nothing of our environment reaches the program but PATH")
{
    ::setenv("PGHOSTADDR", "192.0.2.1", 1);
    ::setenv("CRUDCTL_PROFILE", "prod", 1);
    const auto result = run_shell("env").with_variable("CONNECTION_URL", "given").result();
    ::unsetenv("PGHOSTADDR");
    ::unsetenv("CRUDCTL_PROFILE");
    CHECK_THAT(result.out, !Contains("PGHOSTADDR") && !Contains("CRUDCTL_PROFILE"));
    CHECK_THAT(result.out, Contains("PATH=") && Contains("CONNECTION_URL=given"));
    CHECK_THAT(result.out, Contains("HOME=/tmp/crudctl-test-"));
}

TEST_CASE("a run without a terminal cannot open one behind our back")
{
    CHECK(run_shell("exec </dev/tty").result().exit_code != 0);
}

TEST_CASE("a run that takes too long is killed with its children, and fails")
{
    const SampleProject project;
    const auto pipe = (project.home() / "pipe").string();
    const std::string script = "sleep 30 & echo $! >" + pipe + "; wait";
    CHECK_THROWS_WITH(run_shell_for_two_seconds(script).result(),
                      Contains("the run took more than 2 s"));
    const auto orphan = run_shell("kill -0 $(cat " + pipe +
                                  ") && ! grep -q '^State:.Z' /proc/$(cat " + pipe + ")/status");
    CHECK(orphan.result().exit_code != 0);
}

TEST_CASE("a process left behind that holds stdout open fails the run")
{
    CHECK_THROWS_WITH(run_shell_for_two_seconds("echo started; sleep 30 &").result(),
                      Contains("holds its output open") && Contains("started"));
}

TEST_CASE("the canary fails a run wherever it shows")
{
    const auto with_canary = [](const std::string& script) {
        return run_shell(script).with_variable("PGPASSWORD", canary());
    };
    CHECK_NOTHROW(with_canary("true").result());
    CHECK_THROWS_WITH(with_canary("printenv PGPASSWORD").result(), Contains("stdout"));
    CHECK_THROWS_WITH(with_canary("printenv PGPASSWORD >&2").result(), Contains("stderr"));
    CHECK_THROWS_WITH(with_canary("sh -c 'sleep 1; true' \"$PGPASSWORD\"; true").result(),
                      Contains("command line"));
    CHECK_THROWS_WITH(with_canary("exec sh -c 'sleep 1; true' \"$PGPASSWORD\"").result(),
                      Contains("command line"));
    CHECK_THROWS_WITH(with_canary("printenv PGPASSWORD").with_terminal().result(),
                      Contains("the screen"));
    CHECK_NOTHROW(with_canary("printenv PGPASSWORD").that_may_show_secrets().result());
}

TEST_CASE("half of the canary and another secret fail a run as well")
{
    CHECK_THROWS(run_shell("echo \"$P\" | cut -d@ -f2").with_variable("P", canary()).result());
    CHECK_THROWS(
        run_shell("printenv P").with_variable("P", "hidden").with_secret("hidden").result());
}

TEST_CASE("a terminal is one on all three streams and has the size that was asked for")
{
    const auto result = run_shell("test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM")
                            .with_terminal(100, 30)
                            .result();
    CHECK(result.exit_code == 0);
    CHECK(result.screen == "30 100\nxterm-256color\n");
}

TEST_CASE("a dialogue types once the expected text is there")
{
    const auto result = run_shell("printf 'Name: '; read name; echo \"Hello $name\"")
                            .with_terminal()
                            .expect("Name: ")
                            .type("Ada\n")
                            .expect("Hello Ada")
                            .result();
    CHECK(result.exit_code == 0);
    CHECK(result.screen == "Name: Ada\nHello Ada\n");
}

TEST_CASE("an expected text that never comes fails with what the screen shows")
{
    CHECK_THROWS_WITH(run_shell("echo other").with_terminal().expect("prompt").result(),
                      Contains("\"prompt\" never came") && Contains("other"));
    const auto call = run_shell_for_two_seconds("echo other; sleep 30");
    CHECK_THROWS_WITH(call.with_terminal().expect("prompt").result(),
                      Contains("the wait for \"prompt\"") && Contains("other"));
}

TEST_CASE("a text is expected after what the last one found")
{
    const auto call = run_shell_for_two_seconds("echo once; sleep 30");
    CHECK_THROWS(call.with_terminal().expect("once").expect("once").result());
}

TEST_CASE("keys and signals interrupt the program on a terminal")
{
    const auto call = run_shell("echo ready; exec sleep 30");
    CHECK(call.with_terminal().expect("ready").type("\x03").result().exit_code == 128 + SIGINT);
    CHECK(call.with_terminal().expect("ready").signal(SIGTERM).result().exit_code == 128 + SIGTERM);
}

TEST_CASE("a fake program records each call's arguments, environment and input")
{
    const FakeBin fake;
    fake.add("psql", 3, "psql was here\n");
    CHECK(fake.calls("psql").empty());

    const auto result = run_shell("echo q | psql -d 'two words' ''; PGPASSWORD=x psql")
                            .with_programs_from(fake.folder())
                            .result();
    CHECK(result.exit_code == 3);
    CHECK(result.out == "psql was here\npsql was here\n");
    const auto calls = fake.calls("psql");
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].arguments == std::vector<std::string>{"-d", "two words", ""});
    CHECK(calls[0].input == "q\n");
    CHECK(calls[1].arguments.empty());
    CHECK(calls[1].environment.at("PGPASSWORD") == "x");
}

TEST_CASE("a sample project runs in its root, with its own home and variables")
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", "given");
    project.write("sql/extra.sql", "select 1");
    const auto result = project.run_crudctl({"-c", "ls . sql; pwd; echo $HOME $CONNECTION_URL"})
                            .with_program("/bin/sh")
                            .result();
    CHECK_THAT(result.out, Contains("crudctl.toml\n") && Contains("schema.sql\n"));
    CHECK_THAT(result.out, Contains("extra.sql\n"));
    CHECK_THAT(result.out, Contains(project.root().string() + "\n" + project.home().string()));
    CHECK_THAT(result.out, Contains(" given\n"));
}
