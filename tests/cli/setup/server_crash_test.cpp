#include "cli/database_project.hpp"
#include "support/own_server.hpp"
#include "support/throw_away_server.hpp"

#include <csignal>
#include <future>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// A project on a server of its own, where its role owns the database `app` and no more.
class CrashProject {
public:
    CrashProject()
    {
        pg::Connection admin(m_server.info());
        admin.exec("create role app login createdb");
        admin.exec("create database app owner app");
        project.set_variable("CONNECTION_URL",
                             app().with("user", "app").url(pg::ConnInfo::ShowPassword::no));
        REQUIRE(project.run_crudctl({"setup"}).result().exit_code == 0);
        pg::Connection(app()).exec("update users set display_name = display_name || '!'");
    }

    pg::ConnInfo app() const { return m_server.info().with("dbname", "app"); }

    /// Kills the backend whose query is like this, once there is one; the server then ends all the
    /// others and starts anew.
    void crash_at(const std::string& query) const
    {
        std::optional<std::string> id;
        {
            pg::Connection admin(m_server.info());
            REQUIRE(eventually([&] {
                const pg::Result found =
                    admin.exec("select pid from pg_stat_activity where query like $1"
                               " and state = 'active' and pid <> pg_backend_pid()",
                               query);
                id = found.empty() ? std::nullopt : found.scalar();
                return id.has_value();
            }));
        }
        ::kill(std::stoi(*id), SIGKILL);
    }

    /// The old one stands there whole, and the next run needs no help.
    void check_nothing_is_lost()
    {
        REQUIRE(eventually([&] {
            try {
                pg::Connection connection(app());
                return true;
            } catch (const Error&) {
                return false;
            }
        }));
        CHECK(ask("select count(*) || ' ' || bool_and(display_name like '%!') from users") ==
              "3 true");
        project.write("sql/schema.sql", m_schema);
        const CliResult again = project.run_crudctl({"setup"}).result();
        INFO(again.err);
        CHECK(again.exit_code == 0);
        CHECK(ask("select count(*) || ' ' || bool_or(display_name like '%!') from users") ==
              "3 false");
        CHECK(ask("select count(*) from pg_database where datname ~ '__next_'") == "0");
    }

    SampleProject project;

private:
    std::string ask(const std::string& sql) const
    {
        return pg::Connection(app()).exec(sql).scalar().value_or("null");
    }

    ThrowAwayServer m_server{{"", "", nullptr}};
    std::string m_schema = read_file(project.root() / "sql/schema.sql", 1U << 20U).text;
};

} // namespace

TEST_CASE("a server that crashes while a new database is built loses nothing of the old one")
{
    CrashProject fixture;
    fixture.project.write("sql/schema.sql", "select pg_sleep(60);\n");
    auto running = std::async(std::launch::async,
                              [&] { return fixture.project.run_crudctl({"setup"}).result(); });
    fixture.crash_at("%pg_sleep(60)%");
    const CliResult result = running.get();
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "lost the connection"));
    fixture.check_nothing_is_lost();
}

TEST_CASE("a server that crashes while names change is asked again when it is back")
{
    CrashProject fixture;
    // Whom the role may not end keeps the change of names waiting.
    pg::Connection superuser(fixture.app());
    auto running = std::async(std::launch::async,
                              [&] { return fixture.project.run_crudctl({"setup"}).result(); });
    fixture.crash_at("%rename to%");
    const CliResult result = running.get();
    INFO(result.err);
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "lost the connection"));
    fixture.check_nothing_is_lost();
}
