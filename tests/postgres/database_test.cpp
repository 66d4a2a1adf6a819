#include "database/content.hpp"
#include "database/database.hpp"
#include "database/lock.hpp"
#include "database/marker.hpp"
#include "database/name.hpp"
#include "database/removal.hpp"
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

std::string identity(pg::Connection& connection)
{
    return connection.exec("select system_identifier from pg_control_system()").scalar().value();
}

Locked lock(pg::Connection& connection, const std::string& target, std::chrono::seconds timeout)
{
    return lock_target(connection, {target, identity(connection), "", timeout});
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
        swap.previous_marker.stand_in->name = swap.previous;
        swap.previous_marker.oid = oid;
        swap.previous_marker.server = server;
        swap.next = next;
        swap.next_oid = next_oid;
        swap.next_marker.environment = "dev";
        swap.next_marker.oid = next_oid;
        return swap;
    }

    TempDatabase database;
    pg::Connection connection = maintenance();
    std::string server = identity(connection);
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
    CHECK_THROWS_AS(connection.exec("alter database " + next + " owner to " + owner.name()),
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
    const Removal removal{name, oid_of(connection, name), doomed_marker({}, name, "", "drop")};
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::bound);
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::gone);
}

TEST_CASE("what is dropped is the database that was judged, whatever has its name by then")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string name = database.name() + "__saved_a";
    const Stray stray(name);
    create_database(connection, name);
    const Removal removal{name, oid_of(connection, name), doomed_marker({}, name, "", "drop")};
    connection.exec("drop database " + name);
    create_database(connection, name);
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::gone);
    CHECK(remove_database(permit(), connection, removal, end_no_sessions) == Removed::gone);
    CHECK_FALSE(oid_of(connection, name).empty());
}

TEST_CASE("what is dropped stays known by what it was, however often that is cut short")
{
    Marker saved;
    saved.stand_in = {StandInKind::saved, "cruddur", "demo", "", "save", false};
    const Marker once = doomed_marker(saved, "cruddur", "", "copies");
    CHECK(once.stand_in->kind == StandInKind::dropping);
    CHECK(once.stand_in->label == "saved");
    CHECK(doomed_marker(once, "cruddur", "", "setup").stand_in->label == "saved");
    CHECK(doomed_marker({}, "cruddur", "", "drop").stand_in->label == "previous");
}

TEST_CASE("a role that may not rename drops by the name, if the OID fits, and that is told apart")
{
    const TempRole owner("login");
    const TempDatabase database;
    auto admin = maintenance();
    const std::string name = database.name() + "__saved_a";
    const Stray stray(name);
    create_database(admin, name);
    admin.exec("alter database " + name + " owner to " + owner.name());
    pg::Connection connection(TestCluster::running().info().with("user", owner.name()));
    Removal removal{name, "1", doomed_marker({}, name, "", "drop")};
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::gone);
    removal.oid = oid_of(admin, name);
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::not_bound);
    CHECK(oid_of(admin, name).empty());
}

TEST_CASE("what is dropped unasked stays while somebody is in it")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string name = database.name() + "__saved_a";
    const Stray stray(name);
    create_database(connection, name);
    const Removal removal{name, oid_of(connection, name), doomed_marker({}, name, "", "drop")};
    const pg::Connection client(database.info().with_database(name));
    CHECK(remove_unused_database(permit(), connection, removal) == Removed::in_use);
    auto killer = maintenance();
    CHECK(remove_database(permit(), connection, removal,
                          [&] { end_sessions(permit(), killer, name); }) == Removed::bound);
    CHECK(oid_of(connection, name).empty());
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
                      Contains("another database has the name by now"));
    swap.expected_oid = build.oid;
    swap.next_oid = build.oid;
    CHECK_THROWS_WITH(swap_names(permit(), build.connection, swap, end_no_sessions),
                      Contains("another database has the name by now"));
    swap.next_oid = build.next_oid;
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

TEST_CASE("a copy is ours only if name, OID, server and owner say so")
{
    const TempRole mallory("login createdb");
    const TempDatabase database;
    auto connection = maintenance();
    const std::string name = previous_name(database.name(), "2026-11-24T09:15:00.123Z");
    const Stray stray(name);
    create_database(connection, name);
    Marker marker;
    marker.oid = oid_of(connection, name);
    marker.server = identity(connection);
    marker.stand_in = {StandInKind::previous, database.name(), "", "", "setup", false, name};
    const auto claim = [&](const Marker& written) {
        connection.exec_script(put_line_sql(connection, name, to_line(written)));
        const std::vector<Copy> copies = lock(connection, database.name(), 0s).copies;
        REQUIRE(copies.size() == 1);
        CHECK(copies[0].doubt.empty() == (copies[0].claim == Claim::ours));
        return copies[0].claim;
    };
    CHECK(claim(marker) == Claim::ours);

    Marker other = marker;
    other.oid = oid_of(connection, database.name());
    CHECK(claim(other) == Claim::foreign);
    other = marker;
    other.stand_in->name = name + "x";
    CHECK(claim(other) == Claim::foreign);
    other = marker;
    other.stand_in->kind = StandInKind::saved; // whose names look otherwise
    CHECK(claim(other) == Claim::foreign);

    other = marker;
    other.stand_in->name.clear(); // as 0.1.0 wrote it
    CHECK(claim(other) == Claim::unproven);
    other = marker;
    other.server = "1";
    CHECK(claim(other) == Claim::unproven);
    other.server.clear();
    CHECK(claim(other) == Claim::unproven);
    connection.exec("alter database " + connection.quoted(name) + " owner to " + mallory.name());
    CHECK(claim(marker) == Claim::unproven);
    // Who may act as the target's owner may keep copies for it.
    const TempRole owner;
    connection.exec("grant " + owner.name() + " to " + mallory.name());
    connection.exec("alter database " + database.name() + " owner to " + owner.name());
    CHECK(claim(marker) == Claim::ours);
    // The other way round is no reason: a superuser may act as anybody.
    connection.exec("alter database " + database.name() + " owner to postgres");
    connection.exec("alter database " + connection.quoted(name) + " owner to " + owner.name());
    CHECK(claim(marker) == Claim::unproven);
    connection.exec("alter database " + connection.quoted(name) + " owner to postgres");
}

TEST_CASE("looking runs nothing that another role put into public")
{
    const TempDatabase database;
    pg::Connection inside(database.info());
    inside.exec_script(
        "create function public.planted(oid, regclass) returns bool language plpgsql as $$"
        " begin raise exception 'planted code ran'; end $$;"
        "create operator public.= (leftarg = oid, rightarg = regclass, function = public.planted);"
        "create function public.planted(text, oid) returns text language plpgsql as $$"
        " begin raise exception 'planted code ran'; end $$;"
        "create operator public.|| (leftarg = text, rightarg = oid, function = public.planted);"
        "create view public.pg_class as select 1 / 0 as oid;"
        "create table few (id int)");
    CHECK_THROWS_WITH(inside.exec("select 1 where 'few'::regclass::oid = 'few'::regclass"),
                      Contains("planted code ran"));
    CHECK_THROWS_WITH(inside.exec("select 'a'::text || 1::oid"), Contains("planted code ran"));
    CHECK_NOTHROW(take_survey_within(inside, database.name()));
    CHECK_NOTHROW(take_short_survey(inside, database.name()));
    CHECK_NOTHROW(sessions(inside, database.name()));
    CHECK_NOTHROW(has_content(inside));
    CHECK_NOTHROW(look_at_content(inside));
    CHECK_NOTHROW(compare(inside, inside));
    CHECK_NOTHROW(lock(inside, database.name(), 0s));
    CHECK_NOTHROW(inside.exec_script(put_line_sql(inside, database.name(), "crudctl: {}")));
    CHECK_NOTHROW(count_rows(inside));
    CHECK_NOTHROW(inside.exec_script(
        require_database_sql(inside, database.name(), oid_of(inside, database.name()))));
    // The session's own path is as it was, for what files rely on.
    CHECK(inside.exec("show search_path").scalar() == "\"$user\", public");
}

TEST_CASE("what an extension brings is no content, and what somebody makes is")
{
    const TempDatabase database;
    pg::Connection inside(database.info());
    inside.exec_script("create extension citext; create extension hstore;"
                       "create extension pg_stat_statements; create extension seg");
    CHECK_FALSE(has_content(inside));
    for (const char* sql :
         {"create table t ()", "create type t as (a int)", "create type t as enum ('a')",
          "create type t as range (subtype = int4)", "create domain t as int", "create sequence t",
          "create view t as select 1",
          "create function t() returns int language sql as 'select 1'"}) {
        CAPTURE(sql);
        inside.exec_script(std::string("create schema s; set search_path to s; ") + sql);
        CHECK(has_content(inside));
        inside.exec_script("drop schema s cascade");
        CHECK_FALSE(has_content(inside));
    }
}

namespace {

/// What somebody made there, whoever: a line for each kind.
std::string made_things(pg::Connection& connection)
{
    return connection
        .exec("select string_agg(d.type || ' ' || d.identity, ', ' order by 1) from ("
              "select i.type, i.identity from pg_shdepend s,"
              " lateral pg_identify_object(s.classid, s.objid, s.objsubid) i"
              " where s.dbid = (select oid from pg_database where datname = current_database())"
              " and s.deptype = 'o') d")
        .scalar()
        .value_or("");
}

} // namespace

TEST_CASE("emptying drops all kinds of things that the role owns, and nothing of others")
{
    const TempRole role("superuser"); // the first superuser's things are in no catalog of owners
    const TempDatabase database;
    pg::Connection inside(database.info());
    inside.exec_script("create extension citext; create schema of_extension;"
                       "alter extension citext add schema of_extension;"
                       "create table of_extension.kept (id citext);"
                       "alter extension citext add table of_extension.kept;"
                       "create schema held; create extension hstore schema held;"
                       "create table theirs (); grant usage on schema held to public");
    inside.exec_script("set role " + role.name() + R"(;
create extension pg_trgm;
create schema own; create table own.gone (id int); create table gone (a int, b int);
create table held.gone (id int);
create function a(int, int) returns int language sql as 'select 1';
do $do$ begin for i in 1..70 loop
    execute format('create function d%s() returns int language sql as $$select 1$$', i);
end loop; end $do$;
create aggregate z(int) (sfunc = a, stype = int, initcond = '0');
create function f(x int default d1()) returns int language sql as 'select 1';
create procedure p() language sql as 'select 1';
create operator === (leftarg = int, rightarg = int, function = int4eq);
create operator class ops for type int using hash as operator 1 ===;
create collation german (locale = 'C');
create text search dictionary words (template = simple);
create text search configuration texts (copy = simple);
create type mood as enum ('a'); create domain percent as int; create type pair as (a int, b int);
create publication everything for table gone;
create foreign data wrapper wrapper; create server there foreign data wrapper wrapper;
create user mapping for current_user server there;
create statistics counts on a, b from gone;
create conversion conv for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create function on_ddl() returns event_trigger language plpgsql as 'begin raise exception ''no''; end';
create event trigger guard on sql_drop execute function on_ddl();
select lo_create(0);
create type shell; create cast (text as public.pair) with inout;
alter default privileges grant select on tables to pg_monitor;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public grant usage on types to pg_monitor;
create sequence numbers; create materialized view seen as select 1; create view v as select 1)");
    inside.exec_script("reset role");
    CHECK_FALSE(made_things(inside).empty());

    inside.exec_script("set role " + role.name());
    SECTION("as a role that owns part of it")
    {
        pg::Connection(TestCluster::running().info())
            .exec("alter role " + role.name() + " nosuperuser");
        inside.exec_script(emptying_sql());
        CHECK(inside.exec("select string_agg(extname, ' ' order by extname) from pg_extension")
                  .scalar() == "citext hstore plpgsql");
        CHECK(inside
                  .exec("select string_agg(relname, ' ' order by relname) from pg_class"
                        " where relname in ('theirs', 'kept', 'gone')")
                  .scalar() == "kept theirs");
    }
    SECTION("as a superuser, who may drop all")
    {
        inside.exec_script(emptying_sql());
        CHECK(inside.exec("select string_agg(extname, ' ') from pg_extension").scalar() ==
              "plpgsql");
        CHECK(inside.exec("select to_regclass('theirs') is null").scalar() == "t");
        CHECK(is_untouched(inside));
    }
    inside.exec_script("reset role");
    CHECK(made_things(inside).empty());
    CHECK(inside.exec("select count(*) from pg_largeobject_metadata").scalar() == "0");
    CHECK(inside.exec("select count(*) from pg_default_acl").scalar() == "0");
    CHECK(inside.exec("select count(*) from pg_cast where oid >= 16384").scalar() ==
          inside
              .exec("select count(*) from pg_cast c where oid >= 16384 and exists (select from "
                    "pg_depend d where d.objid = c.oid and d.deptype = 'e')")
              .scalar());
    CHECK(
        inside
            .exec("select count(*) from pg_proc where proowner = to_regrole('" + role.name() + "')")
            .scalar() == "0");
    inside.exec_script("drop owned by " + role.name());
}

TEST_CASE("what works in a database can be bound to its name, its OID and its server")
{
    const TempDatabase database;
    pg::Connection inside(database.info());
    const std::string oid = oid_of(inside, database.name());
    const std::string identity =
        inside.exec("select system_identifier from pg_control_system()").scalar().value_or("");
    CHECK_NOTHROW(inside.exec_script(require_database_sql(inside, database.name(), oid, identity)));
    CHECK_THROWS_WITH(
        inside.exec_script(require_database_sql(inside, database.name(), oid, identity + "1")),
        Contains("leads to another server"));
    CHECK_THROWS_WITH(
        inside.exec_script(require_database_sql(inside, database.name(), "1", identity)),
        Contains("leads to database"));
}

TEST_CASE("a role's time-outs don't end a look or the session that holds the lock")
{
    const TempRole role("superuser login");
    const TempDatabase database;
    maintenance().exec_script(
        fmt::format("alter role {0} set statement_timeout = '500ms';"
                    "alter role {0} set idle_session_timeout = '700ms';"
                    "alter role {0} set idle_in_transaction_session_timeout = '500ms'",
                    role.name()));
    pg::Connection connection(TestCluster::running().info().with("user", role.name()));
    connection.keep_looking_settings();
    CHECK(connection.look("select pg_catalog.pg_sleep(0.7)::pg_catalog.text").size() == 1);
    std::this_thread::sleep_for(900ms);
    CHECK_NOTHROW(lock(connection, database.name(), 0s));
}

TEST_CASE("an unfinished build is left over once its builder and all sessions are gone")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string name = next_name(database.name());
    const Stray stray(name);
    create_database(connection, name);
    const auto copy = [&] { return lock(connection, database.name(), 0s).copies.at(0); };
    CHECK(copy().is_unmarked);
    CHECK(copy().claim == Claim::unproven);

    auto builder = std::make_unique<pg::Connection>(TestCluster::running().info());
    Marker marker;
    marker.oid = own_oid;
    marker.server = identity(connection);
    marker.stand_in = {StandInKind::next, database.name(), "",   "",
                       "setup",           false,           name, std::string(own_session)};
    builder->exec_script(put_line_sql(*builder, name, to_line(marker)));
    CHECK(copy().claim == Claim::ours);
    CHECK(copy().builder_lives);
    CHECK_FALSE(copy().is_left_over());
    builder.reset();
    CHECK(eventually([&] { return !copy().builder_lives; }));
    CHECK(copy().is_left_over());
    auto client = std::make_unique<pg::Connection>(database.info().with_database(name));
    CHECK_FALSE(copy().is_left_over());
    client.reset();
    CHECK(eventually([&] { return copy().is_left_over(); }));

    // Somebody made it theirs, whatever the name says.
    connection.exec("comment on database " + name + " is 'mine now'");
    CHECK(lock(connection, database.name(), 0s).copies.empty());
}

TEST_CASE("a marker is written below what the user wrote, and taken away without it")
{
    const TempDatabase database;
    auto connection = maintenance();
    const std::string words = GENERATE(as<std::string>(), "", "it's ours\nsince 2021 \\ %I 🦆",
                                       "crudctl: a fine tool\ncrudctl: not a mark\nend");
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
