#include "database/database.hpp"
#include "database/name.hpp"
#include "database/sessions.hpp"
#include "database/survey.hpp"
#include "plan/guard.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_role.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::database;
using Catch::Matchers::Contains;
using crudctl::tests::TempDatabase;
using crudctl::tests::TempRole;
using crudctl::tests::TestCluster;
using namespace std::chrono_literals;

namespace {

/// As the guard gives it for a target that nobody protects.
Permit permit()
{
    std::stringstream streams;
    Console console(streams, streams, streams, Terminal{});
    return plan::Guard(console).judge({}, {});
}

pg::Connection maintenance()
{
    return pg::Connection(TestCluster::running().info());
}

std::string oid_of(pg::Connection& connection, const std::string& database)
{
    return connection
        .exec("select coalesce((select oid::text from pg_database where datname = $1), 'none')",
              database)
        .scalar()
        .value_or("");
}

/// A second database that a test may rename; whatever it is called then, it is dropped.
class Stray {
public:
    explicit Stray(std::string name) : m_name(std::move(name)) {}
    ~Stray()
    {
        auto connection = maintenance();
        connection.exec("drop database if exists " + connection.quoted(m_name) + " with (force)");
    }
    Stray(const Stray&) = delete;
    Stray& operator=(const Stray&) = delete;

private:
    std::string m_name;
};

ExitCode code_of(const std::function<void()>& work)
{
    try {
        work();
        return ExitCode::done;
    } catch (const Error& error) {
        return error.code();
    }
}

void end_no_sessions() {}

} // namespace

TEST_CASE("a survey tells of a database and of us, and of a missing one that it is missing")
{
    const TempDatabase database;
    auto connection = maintenance();
    const Survey survey = take_survey(connection, database.name());
    CHECK(survey.exists);
    CHECK(survey.is_valid);
    CHECK(survey.oid == oid_of(connection, database.name()));
    CHECK(survey.owner == "postgres");
    CHECK(survey.role == "postgres");
    CHECK(survey.is_owner);
    CHECK(survey.may_create);
    CHECK(survey.size > 1'000'000U);
    CHECK(survey.managed_roles.empty());
    CHECK(survey.address.empty());
    CHECK_FALSE(survey.is_behind_pooler);
    CHECK_NOTHROW(require_droppable(survey));

    const Survey missing = take_survey(connection, "no such database");
    CHECK_FALSE(missing.exists);
    CHECK(missing.may_create);
    CHECK_NOTHROW(require_droppable(missing));
    CHECK_NOTHROW(require_creatable(missing));
}

TEST_CASE("a role without rights is told the missing one before anything is done")
{
    const TempRole role;
    const TempDatabase database;
    pg::Connection connection(TestCluster::running().info().with("user", role.name()));
    const Survey survey = take_survey(connection, database.name());
    CHECK_FALSE(survey.is_owner);
    CHECK_FALSE(survey.may_create);
    CHECK_THROWS_WITH(require_creatable(survey), Contains("may not create databases"));
    CHECK_THROWS_WITH(require_droppable(survey), Contains("does not own database"));
    CHECK(code_of([&] { require_droppable(survey); }) == ExitCode::refused);
}

TEST_CASE("a server that only takes read-only transactions is refused before anything is done")
{
    const TempDatabase database;
    pg::Connection connection(
        TestCluster::running().info().with("options", "-c default_transaction_read_only=on"));
    const Survey survey = take_survey(connection, database.name());
    CHECK(survey.is_read_only);
    CHECK(code_of([&] { require_primary(survey); }) == ExitCode::connection);
    auto writable = maintenance();
    CHECK_NOTHROW(require_primary(take_survey(writable, database.name())));
}

TEST_CASE("a prepared transaction or a replication slot on a database keeps it from being replaced")
{
    const TempDatabase database;
    auto connection = maintenance();
    pg::Connection inside(database.info());
    inside.exec_script("begin; create table t(); prepare transaction '" + database.name() + "'");
    const Survey prepared = take_survey(connection, database.name());
    inside.exec("rollback prepared '" + database.name() + "'");
    CHECK(prepared.prepared_transactions == database.name());
    CHECK_THROWS_WITH(require_droppable(prepared), Contains("has prepared transactions"));

    inside.exec("select pg_create_logical_replication_slot($1, 'pgoutput')", database.name());
    const Survey slotted = take_survey(connection, database.name());
    inside.exec("select pg_drop_replication_slot($1)", database.name());
    CHECK(slotted.replication_slots == database.name());
    CHECK_THROWS_WITH(require_droppable(slotted), Contains("replication slots"));
    CHECK_NOTHROW(require_droppable(take_survey(connection, database.name())));
}

TEST_CASE("creating and dropping are done once and are fine twice")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string name = database.name() + " \"second\" 🦆";
    const Stray second(name);
    CHECK(create_database(connection, name) == Change::made);
    CHECK(create_database(connection, name) == Change::was_so);
    CHECK(drop_database(permit(), connection, name) == Change::made);
    CHECK(drop_database(permit(), connection, name) == Change::was_so);
}

TEST_CASE("a swap gives the new database the name, and says what the old one is called")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string old_oid = oid_of(connection, database.name());
    const std::string next = create_next(connection, database.name(), "");
    const Stray next_stray(next);
    const std::string next_oid = oid_of(connection, next);

    const std::string previous =
        swap_in(permit(), connection, {database.name(), next, old_oid, {}}, end_no_sessions);
    const Stray previous_stray(previous);
    CHECK(oid_of(connection, database.name()) == next_oid);
    CHECK(oid_of(connection, previous) == old_oid);
    CHECK(oid_of(connection, next) == "none");
    CHECK(lock_target(connection, database.name(), 0s) == std::vector{previous});
}

TEST_CASE("a swap that meets another database than the one meant renames nothing")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string oid = oid_of(connection, database.name());
    const std::string next = create_next(connection, database.name(), "");
    const Stray next_stray(next);
    const std::string next_oid = oid_of(connection, next);

    CHECK_THROWS_WITH(
        swap_in(permit(), connection, {database.name(), next, next_oid, {}}, end_no_sessions),
        Contains("another run replaced the database meanwhile"));
    CHECK_THROWS_AS(swap_in(permit(), connection, {database.name(), next, "", {}}, end_no_sessions),
                    pg::ServerError); // the name is taken, though nobody was expected to have it
    CHECK(oid_of(connection, database.name()) == oid);
    CHECK(oid_of(connection, next) == next_oid);
}

TEST_CASE("a swap where the old database is gone renames nothing")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string missing = database.name() + "_missing";
    const std::string next = create_next(connection, missing, "");
    const Stray next_stray(next);
    CHECK_THROWS_AS(swap_in(permit(), connection, {missing, next, "1", {}}, end_no_sessions),
                    pg::ServerError);
    CHECK(oid_of(connection, missing) == "none");
    CHECK(oid_of(connection, next) != "none");
}

TEST_CASE("a swap ends the sessions in its way, and only then")
{
    const TempDatabase database;
    auto connection = maintenance();
    auto killer = maintenance();
    const std::string oid = oid_of(connection, database.name());
    const std::string next = create_next(connection, database.name(), "");
    const Stray next_stray(next);
    pg::Connection client(database.info());
    int calls = 0;
    const std::string previous =
        swap_in(permit(), connection, {database.name(), next, oid, {}}, [&] {
            ++calls;
            end_sessions(killer, database.name());
        });
    const Stray previous_stray(previous);
    CHECK(calls > 0);
    CHECK(oid_of(connection, previous) == oid);
    CHECK_THROWS_AS(client.exec("select 1"), pg::ConnectionLost);
}

TEST_CASE("left-overs are known by their comment, never by their name")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string look_alike = stand_in_name(database.name(), "next");
    const Stray look_alike_stray(look_alike);
    create_database(connection, look_alike);
    CHECK(lock_target(connection, database.name(), 0s).empty());

    const std::string next = create_next(connection, database.name(), "");
    const Stray next_stray(next);
    CHECK(lock_target(connection, database.name(), 0s) == std::vector{next});
    CHECK(lock_target(connection, database.name() + "0", 0s).empty());
}

TEST_CASE("two runs cannot have the lock on one target, and the second learns who has it")
{
    const std::string target = TempDatabase().name();
    auto holder = std::make_unique<pg::Connection>(
        TestCluster::running().info().with("application_name", "crudctl setup"));
    auto other = maintenance();
    lock_target(*holder, target, 0s);
    CHECK_NOTHROW(lock_target(other, target + "_other", 0s));
    try {
        lock_target(other, target, 0s);
        FAIL("both have the lock");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::busy);
        CHECK_THAT(error.what(),
                   Contains("\"" + target + "\" is being replaced by crudctl setup") &&
                       Contains(std::to_string(holder->backend_pid())));
    }
    holder.reset();
    CHECK_NOTHROW(lock_target(other, target, 5s)); // the server ends the session in its own time
}
