#include "lambda_service.hpp"

#include "aws/strict_endpoint.hpp"
#include "pg/connection.hpp"
#include "support/cli_runner.hpp"
#include "support/loopback.hpp"
#include "support/proxy.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"
#include "support/throw_away_server.hpp"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

constexpr double longest_wait = 5; // Cognito's, in seconds

void load_schema(const pg::ConnInfo& info, const FunctionProject& project)
{
    pg::Connection(info).exec_script(read_file(project.root() / "sql/schema.sql", 1U << 20U).text);
}

std::string count_users(const pg::ConnInfo& info)
{
    return pg::Connection(info).exec("select count(*) from users").scalar().value_or("");
}

bool was_done(const json& tries)
{
    return tries.size() == 1 && tries[0]["outcome"] == "done" && tries[0]["is_whole"] == true;
}

/// All of them answered by an error that Cognito waited for.
bool has_failed_in_time(const json& tries, const std::string& type)
{
    for (const json& one : tries) {
        if (one["outcome"] != "failed" || one["type"] != type || one["seconds"] > longest_wait) {
            return false;
        }
    }
    return tries.size() == 3;
}

std::string type_of(const std::string& init_error)
{
    return json::parse(init_error)["errorType"];
}

} // namespace

TEST_CASE("a database that is down at the start is found when it is back")
{
    const ThrowAwayServer server({});
    FunctionProject project(server.info().url(pg::ConnInfo::ShowPassword::no));
    load_schema(server.info(), project);
    server.stop();
    const LambdaService service(project);
    const json failed = service.call(sign_up());
    CAPTURE(failed.dump(), service.log());
    CHECK(has_failed_in_time(failed, "Crudctl.DatabaseUnavailable"));
    CHECK(json::parse(failed[0]["body"].get<std::string>())["errorMessage"] ==
          "sign-up could not be completed, please try again");
    server.start();
    CHECK(was_done(service.call(sign_up())));
    CHECK(service.sandboxes().size() == 1);

    SECTION("and again after it was restarted")
    {
        server.stop();
        server.start();
        CHECK(was_done(service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}))));
        CHECK(count_users(server.info()) == "2");
    }
}

TEST_CASE("a session that was cut while the function was frozen is replaced")
{
    const TempDatabase database;
    FunctionProject project("");
    load_schema(database.info(), project);
    project.set_variable("FUNCTION_URL", database.url());
    const LambdaService service(project);
    CHECK(was_done(service.call(sign_up())));
    pg::Connection(TestCluster::running().info())
        .exec("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
              database.name());
    const json tries = service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}));
    CAPTURE(tries.dump(), service.log());
    CHECK(was_done(tries));
    CHECK(count_users(database.info()) == "2");
    CHECK(service.sandboxes().size() == 1);
}

TEST_CASE("a session that fell silent while the function was frozen is replaced")
{
    const TempDatabase database;
    FunctionProject project(database.url());
    load_schema(database.info(), project);
    const LambdaService service(project);
    CHECK(was_done(service.call(sign_up())));
    const std::string backend = pg::Connection(database.info())
                                    .exec("select pid from pg_stat_activity where datname = $1 and "
                                          "application_name = 'crudctl lambda'",
                                          database.name())
                                    .scalar()
                                    .value_or("0");
    REQUIRE(::kill(std::stoi(backend), SIGSTOP) == 0);
    // Who was asked a moment ago is not asked whether it is still there.
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    const json tries = service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}));
    ::kill(std::stoi(backend), SIGCONT);
    CAPTURE(tries.dump(), service.log());
    CHECK(was_done(tries));
    CHECK(count_users(database.info()) == "2");
}

TEST_CASE("wherever the connection is cut, the user is there once")
{
    using Way = Cut::Way;
    // In the log-in, and in or after each of begin with the lock, insert and commit.
    const auto [way, message] = GENERATE(table<Way, int>({{Way::to_server, 3},
                                                          {Way::to_server, 4},
                                                          {Way::to_server, 9},
                                                          {Way::to_server, 14},
                                                          {Way::to_client, 6},
                                                          {Way::to_client, 22},
                                                          {Way::to_client, 28},
                                                          {Way::to_client, 34}}));
    const TempDatabase database;
    FunctionProject project("");
    load_schema(database.info(), project);
    Proxy::Options options;
    options.cut = Cut{way, message, Cut::Moment::after};
    const Proxy proxy(std::stoi(TestCluster::running().port()), options);
    project.set_variable("FUNCTION_URL", database.tcp_info()
                                             .with("port", proxy.port())
                                             .with("sslmode", "disable")
                                             .url(pg::ConnInfo::ShowPassword::yes));
    {
        const LambdaService service(project);
        const json tries = service.call(sign_up());
        CAPTURE(message, tries.dump(), service.log());
        CHECK(tries.back()["outcome"] == "done");
    }
    CHECK(proxy.traffic().was_cut);
    CHECK(count_users(database.info()) == "1");
}

TEST_CASE("a database that never answers is given up in time, and the next event has a new session")
{
    const TempDatabase database;
    FunctionProject project(database.url());
    load_schema(database.info(), project);
    const LambdaService service(project);
    CHECK(was_done(service.call(sign_up())));
    {
        pg::Connection blocker(database.info());
        blocker.exec_script("begin; lock table users");
        service.set({{"tries", 1}});
        const json tries = service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}));
        CAPTURE(tries.dump(), service.log());
        REQUIRE(tries.size() == 1);
        CHECK(tries[0]["outcome"] == "failed");
        CHECK(tries[0]["type"] == "Crudctl.Timeout");
        CHECK(tries[0]["seconds"] < longest_wait);
        service.set({{"timeout", 2}});
        const json shorter = service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}));
        CHECK(shorter[0]["type"] == "Crudctl.Timeout");
        CHECK(shorter[0]["seconds"] < 2);
    }
    CHECK(was_done(service.call(sign_up({{"sub", "2"}, {"preferred_username", "b"}}))));
    CHECK(service.sandboxes().size() == 1);
    CHECK(count_users(database.info()) == "2");
}

TEST_CASE("a host that takes connections and says nothing is given up in time")
{
    const BoundSocket silent = bound_socket();
    REQUIRE(::listen(silent.socket.number(), 8) == 0);
    const FunctionProject project("postgresql://u@127.0.0.1:" + std::to_string(silent.port) + "/d");
    const LambdaService service(project);
    service.set({{"tries", 1}});
    const json tries = service.call(sign_up());
    CAPTURE(tries.dump(), service.log());
    REQUIRE(tries.size() == 1);
    CHECK(tries[0]["outcome"] == "failed");
    CHECK(tries[0]["seconds"] < longest_wait);
    CHECK(service.sandboxes().size() == 1);
}

TEST_CASE("a password that was changed is asked for again")
{
    const TempDatabase database;
    FunctionProject project("");
    load_schema(database.info(), project);
    const pg::ConnInfo info = database.tcp_info();
    project.write("crudctl.toml",
                  "[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n"
                  "[profiles.function]\nhost = '127.0.0.1'\nport = " +
                      info.port() + "\ndbname = '" + info.database() +
                      "'\nuser = 'postgres'\npassword_command = ['cat', 'password']\n");
    project.write("password", "not-this-one\n");
    const json wants = json::parse(
        run_crudctl({"trust", "function", "--json"}).in_folder(project.root()).result().out);
    project.set_variable("CRUDCTL_TRUST", wants["digest"]);
    const LambdaService service(project);
    CHECK(has_failed_in_time(service.call(sign_up()), "Crudctl.DatabaseUnavailable"));
    project.write("password", TestCluster::running().password() + "\n");
    const json tries = service.call(sign_up());
    CAPTURE(tries.dump(), service.log());
    // It is asked for after a failure: the last one may have seen it already.
    CHECK(tries.size() <= 2);
    CHECK(tries.back()["outcome"] == "done");
    CHECK(service.sandboxes().size() == 1);
    CHECK_FALSE(contains(service.log(), "not-this-one"));
}

TEST_CASE("what cannot be started is reported, and ends")
{
    const auto [toml, code] = GENERATE(table<std::string, int>({
        {"[lambda]\nPreSignUp_Signup = 'x'\n", 3},
        {"[profiles.function]\nurl = 'postgresql://u@127.0.0.1/d'\n", 3},
        {"[lambda]\nPostConfirmation_ConfirmSignUp = 'users/gone'\n"
         "[profiles.function]\nurl = 'postgresql://u@127.0.0.1/d'\n",
         3},
        {"[lambda]\nPostConfirmation_ConfirmSignUp = 'users/empty'\n"
         "[profiles.function]\nurl = 'postgresql://u@127.0.0.1/d'\n",
         3},
        {"[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n", 3},
        {"[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n"
         "[profiles.function]\nurl = '${NOT_THERE}'\n",
         3},
        {"[lambda]\nPostConfirmation_ConfirmSignUp = 'users/create'\n"
         "[project]\nname = 'x'\n[profiles.function]\nown_server = true\n",
         3},
    }));
    FunctionProject project("");
    project.write("crudctl.toml", toml);
    project.write("sql/queries/users/empty.sql", "delete from users;\n");
    const LambdaService service(project);
    service.start();
    const json sandbox = service.sandboxes()[0];
    CAPTURE(toml, sandbox.dump(), service.log());
    CHECK(type_of(sandbox["init_error"]) == "Crudctl.Init");
    CHECK(sandbox["exit_code"] == code);
    CHECK_FALSE(contains(sandbox["init_error"], "crudctl.toml"));
}

TEST_CASE("a 500 from the runtime API ends the process")
{
    FunctionProject project("postgresql://u@127.0.0.1:1/d");
    const LambdaService service(project);
    service.set({{"status", 500}, {"timeout", 3}, {"tries", 1}});
    service.call("{}");
    CHECK(service.sandboxes()[0]["exit_code"] == 6);
    CHECK(contains(service.log(), "500"));
}

TEST_CASE("an answer that Lambda does not take leaves the process in service")
{
    FunctionProject project("postgresql://u@127.0.0.1:1/d");
    const LambdaService service(project);
    service.set({{"status", 413}, {"timeout", 2}, {"tries", 1}, {"freezes", false}});
    service.call("{}");
    CHECK(contains(service.log(), "413"));
}

TEST_CASE("SIGTERM ends the function")
{
    FunctionProject project("postgresql://u@127.0.0.1:1/d");
    const LambdaService service(project);
    service.start();
    CHECK(service.signal(SIGTERM) == json::array({143}));
}

TEST_CASE("without Lambda the command says what it is for")
{
    const CliResult result = run_crudctl({"lambda"}).result();
    CHECK(result.exit_code == 2);
    CHECK(contains(result.err, "AWS_LAMBDA_RUNTIME_API is not set"));
    CHECK(contains(result.err, "crudctl lambda invoke"));
}
