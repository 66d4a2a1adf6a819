#include "database/database.hpp"
#include "database/lock.hpp"
#include "database/marker.hpp"
#include "database/name.hpp"
#include "database/sessions.hpp"
#include "database/survey.hpp"
#include "database/swap.hpp"
#include "support/own_server.hpp"
#include "support/permit.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_role.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::database;
using Catch::Matchers::Contains;
using crudctl::tests::eventually;
using crudctl::tests::permit;
using crudctl::tests::TempDatabase;
using crudctl::tests::TempRole;
using crudctl::tests::TestCluster;
using namespace std::chrono_literals;

namespace {

pg::Connection maintenance()
{
    return pg::Connection(TestCluster::running().info());
}

Locked lock(pg::Connection& connection, const std::string& target, std::chrono::seconds patience)
{
    return lock_target(connection, {target, "", "", patience});
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

/// A database, and one made beside it that could take its name.
struct SwapScene {
    SwapScene() : oid(oid_of(connection, target())), next(next_name(target())), next_stray(next)
    {
        create_database(connection, next);
        next_oid = oid_of(connection, next);
    }
    const std::string& target() const { return database.name(); }
    Swap swap() const
    {
        Swap swap;
        swap.target = target();
        swap.expected_oid = oid;
        swap.previous = previous_name(target(), "2026-11-24T09:15:00.123Z");
        swap.previous_marker.stand_in = {StandInKind::previous, target(), "", "", "setup", false};
        swap.next = next;
        swap.next_marker.environment = "dev";
        swap.next_marker.oid = next_oid;
        return swap;
    }

    TempDatabase database;
    pg::Connection connection = maintenance();
    std::string oid;
    std::string next;
    Stray next_stray;
    std::string next_oid;
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

TEST_CASE("a short survey tells the same of where we are, and becomes whole for who asks")
{
    const TempDatabase database;
    auto connection = maintenance();
    connection.exec("comment on database " + database.name() + " is 'somebody''s own words'");
    const Survey whole = take_survey(connection, database.name());
    Surveyor surveyor(connection, database.name(), Surveyor::Extent::brief);
    const ShortSurvey& brief = surveyor.seen();
    CHECK(brief.database == database.name());
    CHECK(brief.exists);
    CHECK(brief.oid == whole.oid);
    CHECK(brief.owner == "postgres");
    CHECK(brief.is_owner);
    CHECK(brief.role == whole.role);
    CHECK(brief.version == whole.version);
    CHECK_FALSE(brief.identity.empty());
    CHECK(brief.identity == whole.identity);
    CHECK_FALSE(brief.now.empty());
    CHECK(brief.comment.text == whole.comment.text);
    CHECK(brief.comment.text == "somebody's own words");
    CHECK(surveyor.whole().size > 1'000'000U);
    CHECK_FALSE(take_short_survey(connection, "no such database").exists);
}

TEST_CASE("a superuser owns whatever somebody else does, and a member what its role does")
{
    const TempRole owner;
    const TempRole member;
    const TempRole stranger;
    const TempDatabase database;
    auto connection = maintenance();
    connection.exec(fmt::format("alter database {} owner to {}", database.name(), owner.name()));
    connection.exec(fmt::format("grant {} to {}", owner.name(), member.name()));
    const auto is_owner = [&](const std::string& role) {
        pg::Connection theirs(TestCluster::running().info().with("user", role));
        return take_short_survey(theirs, database.name()).is_owner;
    };
    CHECK(take_short_survey(connection, database.name()).owner == owner.name());
    CHECK(take_short_survey(connection, database.name()).is_owner);
    CHECK(is_owner(owner.name()));
    CHECK(is_owner(member.name()));
    CHECK_FALSE(is_owner(stranger.name()));
    connection.exec(fmt::format("alter database {} owner to postgres", database.name()));
}

TEST_CASE("one look from within tells of a database and of its tables")
{
    const TempDatabase database;
    pg::Connection connection(database.info());
    connection.exec_script("create table orders (id int); insert into orders values (1), (2);"
                           "create table lines (id int); analyze orders");
    const auto [survey, tables] = take_survey_within(connection, database.name());
    CHECK(survey.exists);
    CHECK(survey.oid == take_survey(connection, database.name()).oid);
    CHECK(survey.size > 1'000'000U);
    REQUIRE(tables.size() == 2);
    CHECK(tables[0].name == "lines");
    CHECK(tables[0].rows == -1);
    CHECK(tables[1].name == "orders");
    CHECK(tables[1].rows == 2);
    CHECK(tables[1].size > 0);
}

TEST_CASE("a role that may not ask who the server is does without")
{
    const TempRole role;
    const TempDatabase database;
    pg::Connection(database.info())
        .exec("revoke execute on function pg_control_system() from public");
    pg::Connection inside(database.info().with("user", role.name()));
    const Survey survey = take_survey(inside, database.name());
    CHECK(survey.exists);
    CHECK(survey.identity.empty());
    CHECK(survey.size > 1'000'000U);
    CHECK(take_short_survey(inside, database.name()).identity.empty());
    CHECK(inside.transaction_status() == pg::Connection::TransactionStatus::idle);
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

TEST_CASE("a member of the owner's role makes the owner's databases, unless it may not act as it")
{
    const TempRole owner("nologin");
    const TempRole member("login createdb");
    const TempDatabase database;
    auto admin = maintenance();
    admin.exec("alter database " + database.name() + " owner to " + owner.name());
    admin.exec("grant " + owner.name() + " to " + member.name());
    pg::Connection connection(TestCluster::running().info().with("user", member.name()));
    const Survey survey = take_survey(connection, database.name());
    CHECK_NOTHROW(require_creatable(survey));
    CHECK_NOTHROW(require_droppable(survey));
    const std::string next = next_name(database.name());
    const Stray next_stray(next);
    const std::string creation = lock(connection, database.name(), 0s).creation;
    CHECK_NOTHROW(create_like(connection, {next, creation, ""}));

    constexpr int first_with_options = 160000;
    if (admin.server_version() < first_with_options) {
        return; // there every member may act as the role
    }
    admin.exec("grant " + owner.name() + " to " + member.name() + " with set false");
    const Survey barred = take_survey(connection, database.name());
    CHECK_NOTHROW(require_droppable(barred));
    CHECK_THROWS_WITH(require_creatable(barred), Contains("may not make a database of"));
    CHECK(code_of([&] { require_creatable(barred); }) == ExitCode::refused);
    CHECK_THROWS_AS(create_like(connection, {next_name(database.name()), creation, ""}),
                    pg::ServerError);
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

TEST_CASE("a copy that is known not to fit is refused, and one that may fit is not")
{
    const TempDatabase database;
    pg::Connection connection(TestCluster::running().info());
    Survey survey = take_survey(connection, database.name());
    CHECK_NOTHROW(require_room(survey)); // nobody knows
    survey.room = *survey.size;
    CHECK_NOTHROW(require_room(survey));
    --*survey.room;
    CHECK_THROWS_WITH(require_room(survey), Contains("and the server's disk has"));
    CHECK(code_of([&] { require_room(survey); }) == ExitCode::refused);
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

TEST_CASE("a swap gives the new database the name, and marks the old one as set aside")
{
    SwapScene build;
    const Swap swap = build.swap();
    swap_names(permit(), build.connection, swap, end_no_sessions);
    const Stray previous_stray(swap.previous);
    CHECK(oid_of(build.connection, build.target()) == build.next_oid);
    CHECK(oid_of(build.connection, swap.previous) == build.oid);
    CHECK(oid_of(build.connection, build.next).empty());
    const Survey survey = take_survey(build.connection, build.target());
    REQUIRE(survey.copies.size() == 1);
    CHECK(survey.copies[0].name == swap.previous);
    CHECK(survey.copies[0].is(StandInKind::previous));
    CHECK(survey.marker()->environment == "dev");
}

TEST_CASE("a swap that meets another database than the one meant renames nothing")
{
    SwapScene build;
    Swap swap = build.swap();
    swap.expected_oid = build.next_oid;
    CHECK_THROWS_WITH(swap_names(permit(), build.connection, swap, end_no_sessions),
                      Contains("another run replaced the database meanwhile"));
    swap.expected_oid.clear(); // nobody was expected to have the name
    CHECK_THROWS_AS(swap_names(permit(), build.connection, swap, end_no_sessions), pg::ServerError);
    CHECK(oid_of(build.connection, build.target()) == build.oid);
    CHECK(oid_of(build.connection, build.next) == build.next_oid);
}

TEST_CASE("a swap where the old database is gone renames nothing")
{
    SwapScene build;
    Swap swap = build.swap();
    swap.target += "_missing";
    CHECK_THROWS_AS(swap_names(permit(), build.connection, swap, end_no_sessions), pg::ServerError);
    CHECK(oid_of(build.connection, swap.target).empty());
    CHECK(oid_of(build.connection, build.next) == build.next_oid);
}

TEST_CASE("a swap ends the sessions in its way, and only then")
{
    SwapScene build;
    auto killer = maintenance();
    pg::Connection client(build.database.info());
    const Swap swap = build.swap();
    const Stray previous_stray(swap.previous);
    int calls = 0;
    swap_names(permit(), build.connection, swap, [&] {
        ++calls;
        end_sessions(permit(), killer, build.target());
    });
    CHECK(calls > 0);
    CHECK(oid_of(build.connection, swap.previous) == build.oid);
    CHECK_THROWS_AS(client.exec("select 1"), pg::ConnectionLost);
}

TEST_CASE("a swap sees a closed session off before it takes the old one's name away")
{
    SwapScene build;
    auto lingering =
        std::make_unique<pg::Connection>(build.database.info().with_database(build.next));
    auto watcher = maintenance();
    Swap swap = build.swap();
    swap.closed_sessions = {lingering->backend_pid()};
    const Stray previous_stray(swap.previous);
    std::thread swapping([&] { swap_names(permit(), build.connection, swap, end_no_sessions); });
    const bool waits = eventually([&] {
        return watcher
                   .exec("select wait_event from pg_stat_activity where pid = $1",
                         build.connection.backend_pid())
                   .scalar() == "PgSleep";
    });
    const std::string old_oid = oid_of(watcher, build.target());
    lingering.reset();
    swapping.join();
    CHECK(waits);
    CHECK(old_oid == build.oid);
    CHECK(oid_of(watcher, build.target()) == build.next_oid);
}

TEST_CASE("a swap whose sessions cannot be ended changes nothing and says why")
{
    SwapScene build;
    const pg::Connection client(build.database.info());
    const auto cannot_connect = [] { throw Error(ExitCode::connection, "too many connections"); };
    CHECK_THROWS_WITH(swap_names(permit(), build.connection, build.swap(), cannot_connect),
                      Contains("too many connections"));
    CHECK(oid_of(build.connection, build.target()) == build.oid);
}

TEST_CASE("left-overs are known by their marker, or by a name that only we make")
{
    const TempDatabase database;
    auto connection = maintenance();
    const auto left_overs = [&] { return lock(connection, database.name(), 0s).left_overs; };
    const std::string look_alike = database.name() + "__next_0123456789ab";
    const Stray look_alike_stray(look_alike);
    create_database(connection, look_alike);
    CHECK(left_overs().empty());

    const std::string unmarked = next_name(database.name());
    const Stray unmarked_stray(unmarked);
    create_database(connection, unmarked);
    CHECK(left_overs() == std::vector{unmarked});
    CHECK(lock(connection, database.name() + "0", 0s).left_overs.empty());

    // Somebody made it theirs, whatever the name says.
    connection.exec("comment on database " + unmarked + " is 'mine now'");
    CHECK(left_overs().empty());

    Marker marker;
    marker.stand_in = {StandInKind::next, database.name(), "", "", "setup", false};
    connection.exec_script(put_line_sql(connection, unmarked, to_line(marker)));
    CHECK(left_overs() == std::vector{unmarked});
    marker.stand_in->kind = StandInKind::previous;
    connection.exec_script(put_line_sql(connection, unmarked, to_line(marker)));
    CHECK(left_overs().empty());
}

TEST_CASE("a marker is written below what the user wrote, and taken away without it")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string words = GENERATE(as<std::string>(), "", "it's ours\nsince 2021 \\ %I 🦆",
                                       "crudctl: a fine tool\ncrudctl: {not the last line}\nend");
    const auto comment = [&] { return take_survey(connection, database.name()).comment; };
    connection.exec("comment on database " + database.name() + " is " + connection.literal(words));
    Marker marker;
    for (const char* environment : {"prod", "dev"}) {
        marker.environment = environment;
        connection.exec_script(put_line_sql(connection, database.name(), to_line(marker)));
        CHECK(comment().text == words);
        REQUIRE(comment().marker.has_value());
        CHECK(comment().marker->environment == environment);
    }
    connection.exec_script(put_line_sql(connection, database.name(), ""));
    CHECK(comment().text == words);
    CHECK_FALSE(comment().marker.has_value());
}

TEST_CASE("two runs cannot have the lock on one target, and the second learns who has it")
{
    const std::string target = TempDatabase().name();
    auto holder = std::make_unique<pg::Connection>(
        TestCluster::running().info().with("application_name", "crudctl setup"));
    auto other = maintenance();
    lock(*holder, target, 0s);
    CHECK_NOTHROW(lock(other, target + "_other", 0s));
    try {
        lock(other, target, 0s);
        FAIL("both have the lock");
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::busy);
        CHECK_THAT(error.what(),
                   Contains("\"" + target + "\" is being replaced by crudctl setup") &&
                       Contains(std::to_string(holder->backend_pid())));
    }
    holder.reset();
    CHECK_NOTHROW(lock(other, target, 5s)); // the server ends the session in its own time
}
