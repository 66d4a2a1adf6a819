#include "cli/database_project.hpp"
#include "database/marker.hpp"
#include "database/name.hpp"
#include "support/temp_role.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using database::StandInKind;

// Comments, names and owners can be written by others: no command takes a database for a copy of
// crudctl's, and drops, renames or copies it, because one of them alone says so.

namespace {

constexpr const char* old_time = "2026-11-24T09:15:00.123Z";

/// A database that setup made, with a row of somebody's, and others beside it.
struct IdentityProject : DatabaseProject {
    IdentityProject()
    {
        project.set_variable("HOME", project.home());
        expect({"setup"}, 0);
    }

    const std::string& target() const { return database.name(); }
    pg::Connection admin() const { return pg::Connection(TestCluster::running().info()); }

    void run_sql(const std::string& name, const std::string& sql) const
    {
        pg::Connection(database.info().with_database(name)).exec_script(sql);
    }
    void write_precious(const std::string& name) const
    {
        run_sql(name, "create table precious (word text); insert into precious values ('mine')");
    }
    bool is_precious(const std::string& name) const
    {
        return exists(name) && pg::Connection(database.info().with_database(name))
                                       .exec("select to_regclass('precious') is not null")
                                       .scalar() == "t";
    }
    /// The one copy that was not there before. Names made in one second stand in no order.
    std::string new_copy(const std::string& before) const
    {
        std::istringstream names(copies());
        std::string name;
        while (names >> name && contains(before, name)) {}
        return name;
    }
    static bool exists(const std::string& name)
    {
        return ask_server(fmt::format("select count(*) from pg_database where datname = '{}'",
                                      name)) == "1";
    }
    static std::string oid_of(const std::string& name)
    {
        return ask_server(fmt::format("select oid from pg_database where datname = '{}'", name));
    }

    /// A marker as a run would write it for a database of this name and kind.
    static database::Marker marker_for(const std::string& name, StandInKind kind,
                                       const std::string& target)
    {
        database::Marker marker;
        marker.server = ask_server("select system_identifier from pg_control_system()");
        marker.oid = oid_of(name);
        marker.built = database::Build{old_time, "somebody@here", "", ""};
        marker.stand_in = {kind, target, "", old_time, "setup", false, name, ""};
        return marker;
    }
    void mark(const std::string& name, const database::Marker& marker) const
    {
        auto connection = admin();
        connection.exec_script(database::put_line_sql(connection, name, database::to_line(marker)));
    }
    /// A database with a marker of this kind, and a row of somebody's.
    std::string make(StandInKind kind) const
    {
        const std::string name = kind == StandInKind::next ? database::next_name(target())
                                 : kind == StandInKind::dropping
                                     ? database::drop_name(target())
                                     : database::previous_name(target(), old_time);
        change("create database", name);
        write_precious(name);
        mark(name, marker_for(name, kind, target()));
        return name;
    }
    /// `alter database NAME rename to …`: a statement about a database.
    void change(const std::string& verb, const std::string& name,
                const std::string& rest = {}) const
    {
        auto connection = admin();
        connection.exec(fmt::format("{} {} {}", verb, connection.quoted(name), rest));
    }
    void rename(const std::string& from, const std::string& to) const
    {
        change("alter database", from, "rename to " + admin().quoted(to));
    }
    void give_to(const std::string& role, const std::string& name) const
    {
        change("alter database", name, "owner to " + role);
    }

    /// Every command that reads copies, each with what it may end with; none may touch a database.
    void run_all_that_clean_up() const
    {
        for (int i = 0; i < 4; ++i) {
            expect({"setup"}, 0);
        }
        run({"save", "now"}).result();
        run({"copies", "--prune", "--confirm", target() + "@local"}).result();
        run({"seed", "--again"}).result();
        run({"mark", "--as", "dev"}).result();
    }

    /// The one entry of `copies --json` for a database.
    nlohmann::json listed(const std::string& name) const
    {
        for (const auto& copy : nlohmann::json::parse(expect({"copies", "--json"}, 0).out)) {
            if (copy["database"] == name) {
                return copy;
            }
        }
        return nullptr;
    }
};

} // namespace

TEST_CASE("an unfinished build that was renamed into place is the database, and stays")
{
    const IdentityProject fixture;
    const bool is_of_old_version = GENERATE(false, true);
    const std::string build = fixture.make(StandInKind::next);
    if (is_of_old_version) {
        database::Marker marker = fixture.marker_for(build, StandInKind::next, fixture.target());
        marker.oid.clear();
        marker.server.clear();
        marker.stand_in->name.clear();
        fixture.mark(build, marker);
    }
    fixture.rename(fixture.target(), fixture.target() + "_old");
    fixture.rename(build, fixture.target());
    const auto marked = fixture.expect({"mark", "--as", "dev"}, 0);
    CHECK_FALSE(contains(marked.err, "cleaned"));
    CHECK(fixture.is_precious(fixture.target()));
    fixture.run({"copies", "--delete", fixture.target(), "--confirm", fixture.target() + "@local"})
        .result();
    fixture.run({"save", "x"}).result();
    CHECK(fixture.is_precious(fixture.target()));
    fixture.change("drop database", fixture.target() + "_old");
}

TEST_CASE("what was set aside and is renamed back by hand is the database, and no copy of itself")
{
    const IdentityProject fixture;
    fixture.write_precious(fixture.target());
    const std::string before = fixture.copies();
    fixture.expect({"setup"}, 0);
    const std::string previous = fixture.new_copy(before);
    REQUIRE(fixture.is_precious(previous));
    fixture.change("drop database", fixture.target());
    fixture.rename(previous, fixture.target());

    CHECK(fixture.run({"undo"}).result().exit_code == 0); // the copy before that one
    REQUIRE(fixture.expect({"undo"}, 0).exit_code == 0);
    CHECK(fixture.is_precious(fixture.target()));
    fixture
        .run({"copies", "--prune", "--older-than", "1s", "--confirm", fixture.target() + "@local"})
        .result();
    CHECK(fixture.is_precious(fixture.target()));
    CHECK(
        fixture
            .run({"copies", "--delete", fixture.target(), "--confirm", fixture.target() + "@local"})
            .result()
            .exit_code != 0);
    CHECK(fixture.is_precious(fixture.target()));
}

TEST_CASE("a copy or a build that somebody renamed to keep it is theirs")
{
    const IdentityProject fixture;
    const StandInKind kind = GENERATE(StandInKind::previous, StandInKind::next);
    const std::string kept = fixture.target() + "_precious";
    fixture.rename(fixture.make(kind), kept);
    fixture.run_all_that_clean_up();
    CHECK(fixture.is_precious(kept));
    CHECK(fixture.listed(kept)["is_ours"] == false);
    CHECK(contains(fixture.listed(kept)["left_alone_because"], "was renamed"));
    fixture.expect({"undo", kept}, 5);
    fixture.expect({"copies", "--delete", kept, "--confirm", fixture.target() + "@local"}, 5);
    CHECK(fixture.is_precious(kept));
    fixture.change("drop database", kept);
}

TEST_CASE("a copy that another role made, or that came from another server, waits for a person")
{
    const TempRole mallory("login createdb");
    const IdentityProject fixture;
    const std::string copy = fixture.make(StandInKind::previous);
    const std::string doubt = GENERATE(as<std::string>(), "owner", "server", "version");
    database::Marker marker = fixture.marker_for(copy, StandInKind::previous, fixture.target());
    marker.stand_in->at = "2099-01-01T00:00:00.000Z";
    if (doubt == "owner") {
        fixture.give_to(mallory.name(), copy);
    } else if (doubt == "server") {
        marker.server = "7000000000000000000";
    } else {
        marker.stand_in->name.clear();
    }
    fixture.mark(copy, marker);

    fixture.run_all_that_clean_up();
    fixture.run({"undo"}).result();
    REQUIRE(fixture.is_precious(copy));
    CHECK(fixture.listed(copy)["is_ours"] == false);
    const auto refused = fixture.expect({"undo", copy}, 5);
    CHECK(contains(refused.err, "must be confirmed at a terminal"));
    fixture.expect({"undo", copy, "--confirm", fixture.target() + "@local"}, 5);
    REQUIRE(fixture.is_precious(copy));

    const auto declined =
        fixture.run({"undo", copy}).with_terminal(120).expect("Type " + copy).type("no\n").result();
    CHECK(declined.exit_code == 5);
    REQUIRE(fixture.is_precious(copy));
    const auto typed = fixture.run({"undo", copy})
                           .with_terminal(120)
                           .expect("Type " + copy)
                           .type(copy + "\n")
                           .result();
    INFO(typed.screen);
    CHECK(typed.exit_code == 0);
    CHECK(contains(typed.screen, doubt == "owner" ? mallory.name() : "postgres"));
    CHECK(fixture.is_precious(fixture.target()));
    if (doubt == "owner") {
        fixture.give_to("postgres", fixture.target());
    }
}

TEST_CASE("a forged cached build is never built from")
{
    const TempRole mallory("login createdb");
    const IdentityProject fixture;
    fixture.project.write("sql/schema.sql", "create table t (id int); select pg_sleep(0.4);");
    fixture.expect({"setup", "--no-seed"}, 0);
    const std::string cached = DatabaseProject::ask_server(
        fmt::format("select datname from pg_database where starts_with(datname, '{}__schema_')",
                    fixture.target()));
    REQUIRE(IdentityProject::exists(cached));
    const std::string line = DatabaseProject::ask_server(
        fmt::format("select shobj_description({}, 'pg_database')", fixture.oid_of(cached)));
    database::Marker marker = *database::parse_comment(line).marker;
    fixture.change("drop database", cached);
    fixture.change("create database", cached, "owner " + mallory.name());
    fixture.write_precious(cached);
    marker.oid = fixture.oid_of(cached);
    fixture.mark(cached, marker);
    fixture.expect({"setup", "--no-seed"}, 0);
    CHECK_FALSE(fixture.is_precious(fixture.target()));
    CHECK(fixture.is_precious(cached));
    fixture.change("drop database", cached);
}

TEST_CASE("what a run will clean up stands in its plan, and nothing else goes")
{
    const IdentityProject fixture;
    const StandInKind kind = GENERATE(StandInKind::next, StandInKind::dropping);
    const std::string left_over = fixture.make(kind);
    const auto plan = fixture.expect({"setup", "--dry-run"}, 0);
    CHECK(contains(plan.out, left_over));
    CHECK(IdentityProject::exists(left_over));
    fixture.expect({"setup"}, 0);
    CHECK_FALSE(IdentityProject::exists(left_over));
}

TEST_CASE("what was being dropped when its run was killed comes back by undo, if it was whole")
{
    const IdentityProject fixture;
    const std::string half_dropped = fixture.make(StandInKind::dropping);
    database::Marker marker =
        fixture.marker_for(half_dropped, StandInKind::dropping, fixture.target());
    marker.stand_in->at = "2099-01-01T00:00:00.000Z";
    const std::string kind_before = GENERATE(as<std::string>(), "previous", "next", "schema");
    marker.stand_in->label = kind_before;
    fixture.mark(half_dropped, marker);
    fixture.expect({"undo"}, 0); // there is another one, too
    CHECK(fixture.is_precious(fixture.target()) == (kind_before == "previous"));
    fixture.expect({"setup"}, 0); // which finishes what was begun
    CHECK_FALSE(IdentityProject::exists(half_dropped));
}

TEST_CASE("an unfinished build that nobody marked is dropped if it is empty, or was noted here")
{
    const IdentityProject fixture;
    const std::string build = database::next_name(fixture.target());
    fixture.change("create database", build);
    SECTION("an empty one is")
    {
        fixture.expect({"setup"}, 0);
        CHECK_FALSE(IdentityProject::exists(build));
    }
    SECTION("one with something in it is not")
    {
        fixture.write_precious(build);
        fixture.expect({"setup"}, 0);
        CHECK(fixture.is_precious(build));
        fixture.change("drop database", build);
    }
    SECTION("one that this machine began is")
    {
        fixture.write_precious(build);
        const std::string server =
            DatabaseProject::ask_server("select system_identifier from pg_control_system()");
        fixture.project.write(
            "../.local/state/crudctl/builds.jsonl",
            fmt::format("{{\"server\":\"{}\",\"name\":\"{}\"}}\n", server, build));
        fixture.expect({"setup"}, 0);
        CHECK_FALSE(IdentityProject::exists(build));
    }
    SECTION("another role's is not")
    {
        const TempRole mallory("login createdb");
        fixture.give_to(mallory.name(), build);
        fixture.expect({"setup"}, 0);
        CHECK(IdentityProject::exists(build));
        fixture.change("drop database", build);
    }
}

TEST_CASE("a copy in use is left alone by pruning, and ended where somebody named it")
{
    const IdentityProject fixture;
    const std::string oldest = fixture.copies();
    REQUIRE(oldest.find(' ') == std::string::npos);
    const pg::Connection client(fixture.database.info().with_database(oldest));
    for (int i = 0; i < 4; ++i) {
        fixture.expect({"setup"}, 0);
    }
    CHECK(IdentityProject::exists(oldest));
    CHECK(contains(fixture.expect({"setup", "--dry-run"}, 0).out, "left alone: \"" + oldest));
    fixture.expect({"copies", "--delete", oldest, "--confirm", fixture.target() + "@local"}, 0);
    CHECK_FALSE(IdentityProject::exists(oldest));
}

TEST_CASE("after drop, undo knows its own work on this machine, and asks on another one")
{
    const TempRole owner("login");
    IdentityProject fixture;
    fixture.write_precious(fixture.target());
    fixture.give_to(owner.name(), fixture.target());
    const std::string before = fixture.copies();
    fixture.expect({"drop"}, 0);
    const std::string dropped = fixture.new_copy(before);
    const bool is_here = GENERATE(true, false);
    if (is_here) {
        fixture.expect({"undo"}, 0);
    } else {
        fixture.project.set_variable("HOME", fixture.project.home() / "elsewhere");
        CHECK(contains(fixture.expect({"undo"}, 5).err, "may be somebody's database"));
        const auto typed = fixture.run({"undo", dropped})
                               .with_terminal(120)
                               .expect("owned by role \"" + owner.name() + "\"")
                               .expect("Type " + dropped)
                               .type(dropped + "\n")
                               .result();
        INFO(typed.screen);
        CHECK(typed.exit_code == 0);
    }
    CHECK(fixture.is_precious(fixture.target()));
    fixture.give_to("postgres", fixture.target());
}

TEST_CASE("copies get the target's owner as soon as they are made")
{
    const TempRole owner("login");
    const IdentityProject fixture;
    fixture.project.write("sql/schema.sql", "create table t (id int); select pg_sleep(0.4);");
    fixture.give_to(owner.name(), fixture.target());
    const std::string before = fixture.copies();
    fixture.expect({"setup", "--no-seed"}, 0);
    const std::string set_aside = fixture.new_copy(before);
    fixture.expect({"save", "now"}, 0);
    CHECK(
        DatabaseProject::ask_server(fmt::format(
            "select string_agg(distinct pg_get_userbyid(datdba), ' ') || count(*) from pg_database"
            " where starts_with(datname, '{}') and datname !~ '__prev_.*' or datname = '{}'",
            fixture.target(), fixture.target())) ==
        owner.name() + "2"); // no cached one: the owner could plant code
    fixture.give_to("postgres", fixture.target());
    fixture.give_to("postgres", set_aside);
    fixture.admin().exec("drop owned by " + owner.name());
}
