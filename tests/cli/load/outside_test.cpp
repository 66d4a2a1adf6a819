#include "cli/database_project.hpp"
#include "support/canary.hpp"
#include "support/temp_role.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// The sample's project and another database of the server that is marked.
struct OutsideProject : DatabaseProject {
    OutsideProject() { REQUIRE(run({"mark", "--as", "dev"}).result().exit_code == 0); }

    void comment(const std::string& text) const
    {
        const pg::Connection connection(TestCluster::running().info());
        pg::Connection(TestCluster::running().info())
            .exec_script("comment on database " + connection.quoted(other.name()) + " is " +
                         connection.literal(text));
    }
    std::string comment_of(const std::string& name) const
    {
        return ask_server("select shobj_description(oid, 'pg_database') from pg_database where "
                          "datname = '" +
                          name + "'");
    }

    /// A statement of PL/pgSQL that takes the other one's mark away, and whose text names neither.
    std::string composed_unmark() const
    {
        const std::string& name = other.name();
        return fmt::format("execute reverse(' esabatad no tnemmoc') || reverse('{}') || "
                           "' is null';",
                           std::string(name.rbegin(), name.rend()));
    }

    TempDatabase other;
};

} // namespace

TEST_CASE("what files do outside of their database is told in plan and run")
{
    const OutsideProject fixture;
    fixture.project.write("sql/schema.sql", "create table users (id int);\n"
                                            "comment on database " +
                                                fixture.other.name() + " is 'ours';\n");
    const auto plan = fixture.run({"setup", "--no-seed", "--dry-run"}).result();
    CHECK(plan.exit_code == 0);
    CHECK(contains(plan.out, "outside this database: comment on database " + fixture.other.name() +
                                 " is (sql/schema.sql:2)"));
    const auto json = fixture.run({"setup", "--no-seed", "--dry-run", "--json"}).result();
    CHECK(nlohmann::json::parse(json.out)["outside"].size() == 1);
    const auto run = fixture.run({"setup", "--no-seed"}).result();
    CHECK(run.exit_code == 0);
    CHECK(contains(run.err, "outside  comment on database"));
    CHECK(fixture.comment_of(fixture.other.name()) == "ours");
}

TEST_CASE("no file reaches into another database that is marked prod")
{
    const OutsideProject fixture;
    const std::string name = fixture.other.name();
    const std::string mark =
        GENERATE("crudctl: {\"environment\":\"prod\"}",
                 "Shop\ncrudctl: {\"environment\":\"PRODUCTION\"}\nmore", "crudctl: {half");
    fixture.comment(mark);
    for (const std::string& sql :
         {"comment on database " + name + " is 'x';",
          "alter database " + name + " set work_mem = 64;",
          "grant connect on database " + fixture.database.name() + ", " + name + " to public;",
          "revoke all on database " + name + " from public;",
          "alter role current_user in database " + name + " set work_mem = 64;"}) {
        CAPTURE(mark, sql);
        fixture.project.write("sql/schema.sql",
                              "create table if not exists users (id int);\n" + sql);
        for (const auto& command :
             std::vector<std::vector<std::string>>{{"setup"},
                                                   {"schema-load"},
                                                   {"setup", "--dry-run"},
                                                   {"schema-load", "--dry-run"}}) {
            const auto result = fixture.run(command).result();
            CHECK(result.exit_code == 5);
            CHECK(contains(result.err, "reaches into database \"" + name + "\""));
            CHECK(contains(result.err, "nothing was changed"));
            CHECK(fixture.comment_of(name) == mark);
        }
    }
}

TEST_CASE("no file changes the rows of a catalog that all databases share")
{
    const OutsideProject fixture;
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string of_other =
        "objoid = (select oid from pg_database where datname = '" + fixture.other.name() + "')";
    fixture.project.write("sql/queries/unmark.sql",
                          "delete from pg_shdescription where " + of_other);
    for (const std::string& sql :
         {"delete from pg_catalog.pg_shdescription where " + of_other,
          "UPDATE PG_SHDESCRIPTION set description = '' where " + of_other,
          "with gone as (delete from only pg_shdescription where " + of_other + ") select 1",
          std::string("insert into pg_catalog.\"pg_db_role_setting\" select 0, 0, '{work_mem=64}'"),
          "do $$ begin delete from pg_shdescription where " + of_other + "; end $$",
          std::string("do $$ begin execute 'delete from pg_shdescription'; end $$")}) {
        fixture.project.write("change.sql", sql + ";\n");
        for (const auto& command : std::vector<std::vector<std::string>>{
                 {"schema-load", "-f", "change.sql", "--no-copy"},
                 {"schema-load", "-f", "change.sql", "--no-copy", "--via", "psql"},
                 {"schema-load", "-f", "change.sql", "--no-copy", "--dry-run"},
                 {"query", "unmark", "--write"}}) {
            CAPTURE(sql, command);
            const auto result = fixture.run(command).result();
            INFO(result.err);
            CHECK(result.exit_code == 5);
            CHECK(contains(result.err, "that all databases of the server share"));
        }
    }
    CHECK(fixture.comment_of(fixture.other.name()) == mark);
    fixture.project.write("reads.sql", "create table names as select datname from pg_database;"
                                       "insert into names select datname from pg_database;");
    CHECK(fixture.run({"schema-load", "-f", "reads.sql"}).result().exit_code == 0);
}

TEST_CASE("what psql alone can read and that speaks of a database is not left to it")
{
    const OutsideProject fixture;
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string& name = fixture.other.name();
    for (const std::string& sql :
         {"\\set SINGLELINE on\ncomment on database " + name + " is null\n",
          "select 1\\; comment on database " + name + " is null;\n",
          "select format('comment on %s " + name + " is null', 'database') \\gexec\n",
          "set  names 'SJIS';\ncomment on database " + name + " is null;\n",
          "select set_config('client_' || 'encoding', 'SJIS', false);\ncomment on database " +
              name + " is null;\n"}) {
        CAPTURE(sql);
        fixture.project.write("psql.sql", sql);
        const auto result =
            fixture.run({"schema-load", "-f", "psql.sql", "--no-copy", "--via", "psql"}).result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(fixture.comment_of(name) == mark);
    }
}

TEST_CASE("a dump whose rows look like psql's commands is left to psql")
{
    const OutsideProject fixture;
    fixture.project.write("dump.sql", "--\n-- PostgreSQL database dump\n--\n"
                                      "SET client_encoding = 'UTF8';\n"
                                      "SELECT pg_catalog.set_config('search_path', '', false);\n"
                                      "CREATE TABLE public.words (word text);\n"
                                      "COPY public.words (word) FROM stdin;\na\\\\;b\n\\.\n"
                                      "-- PostgreSQL database dump complete\n");
    const auto result =
        fixture.run({"schema-load", "-f", "dump.sql", "--no-copy", "--via", "psql"}).result();
    INFO(result.err);
    CHECK_FALSE(contains(result.err, "names a database"));
}

TEST_CASE("nobody is asked for what will be refused since it reaches into another database")
{
    const OutsideProject fixture;
    fixture.comment("crudctl: {\"environment\":\"prod\"}");
    REQUIRE(fixture.run({"mark", "--as", "prod"}).result().exit_code == 0);
    fixture.project.write("sql/schema.sql",
                          "comment on database " + fixture.other.name() + " is 'x';");
    const auto result = fixture.run({"schema-load", "-p", "local"}).with_terminal(100).result();
    INFO(result.screen);
    CHECK(result.exit_code == 5);
    CHECK(contains(result.screen, "reaches into database"));
    CHECK_FALSE(contains(result.screen, "Type "));
    CHECK(contains(fixture.run({"history"}).result().out, "refused"));
}

TEST_CASE("no other way of SQL reaches into another database that is marked prod")
{
    const OutsideProject fixture;
    const std::string name = fixture.other.name();
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string drop = "commit;\ndrop database " + name + ";\nbegin;\n";
    const std::string escaped =
        "U&\"" + name.substr(0, 1) + "\\00" + fmt::format("{:x}", name[1]) + name.substr(2) + "\"";
    fixture.project.write("inc.sql", drop);
    fixture.project.write("include.sql", "\\i inc.sql\n");
    fixture.project.write("variable.sql",
                          "\\set d " + name + "\ncommit;\ndrop database :d;\nbegin;\n");
    fixture.project.write("unknown.sql", "commit;\ndrop database :e;\nbegin;\n");
    fixture.project.write("gexec.sql", "select 'drop database " + name + "' \\gexec\n");
    fixture.project.write("escape.sql", "drop database " + escaped + ";\n");
    fixture.project.write("do.sql", "do $$ begin comment on database " + name + " is 'x'; end $$;");
    fixture.project.write("execute.sql", "do $$ begin execute 'comment on database " + name +
                                             " is null'; end $$;");
    fixture.project.write("sql/queries/drop.sql", "drop database " + name);
    fixture.project.write("sql/queries/comment.sql", "comment on database " + name + " is null");
    const std::vector<std::string> psql = {"--via", "psql", "--no-copy"};
    const auto load = [](const std::string& file, const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"schema-load", "--file", file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    };
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             load("include.sql", psql),
             load("variable.sql", psql),
             load("unknown.sql", psql),
             load("gexec.sql", psql),
             load("escape.sql", {"--no-transaction", "--no-copy"}),
             load("do.sql", {"--no-copy"}),
             load("execute.sql", {"--no-copy"}),
             {"query", "drop"},
             {"query", "comment"}}) {
        CAPTURE(arguments);
        const auto result = fixture.run(arguments).result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "nothing was changed"));
        CHECK(fixture.comment_of(name) == mark);
    }
}

TEST_CASE("a check only reads: what it drops, changes or takes a mark off is refused")
{
    const OutsideProject fixture;
    const std::string name = fixture.other.name();
    const std::string harmful =
        GENERATE_COPY("drop database " + name, "comment on database " + name + " is null",
                      std::string("insert into users values (1) returning true"));
    fixture.comment("ours");
    fixture.project.write("sql/schema.sql", "create table users (id int);\n");
    fixture.project.write("crudctl.toml", "[project]\nschema = ['sql/schema.sql']\nseeds = []\n"
                                          "checks = ['" +
                                              harmful +
                                              "']\n[profiles.local]\nurl = "
                                              "'${CONNECTION_URL}'\n");
    CAPTURE(harmful);
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 1);
    CHECK(fixture.comment_of(name) == "ours");
}

TEST_CASE("no query takes crudctl's own line off the comment of its database")
{
    const OutsideProject fixture;
    const std::string before = fixture.comment_of(fixture.database.name());
    fixture.project.write("sql/queries/own.sql",
                          "comment on database " + fixture.database.name() + " is 'x'");
    const auto result = fixture.run({"query", "own", "--write"}).result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "crudctl's own line"));
    CHECK(fixture.comment_of(fixture.database.name()) == before);
}

TEST_CASE("no file reaches into the database of a protected profile")
{
    OutsideProject fixture;
    fixture.project.set_variable("PROD_CONNECTION_URL", fixture.other.url());
    fixture.project.write("sql/schema.sql",
                          "alter database " + fixture.other.name() + " set work_mem = 64;");
    const auto result = fixture.run({"setup"}).result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "protected profile \"prod\""));
}

TEST_CASE("a file's comment on the target leaves the marker's line where it is")
{
    const OutsideProject fixture;
    const std::string name = fixture.database.name();
    const std::string before = fixture.comment_of(name);
    REQUIRE(contains(before, "crudctl: {"));
    const std::string text =
        GENERATE("'Shop'", "null", "'Shop\ncrudctl: {\"environment\":\"staging\",\"oid\":\"1\"}'",
                 "E'a\\nb'");
    const std::string way = GENERATE("", "--no-transaction", "--via");
    CAPTURE(text, way);
    fixture.project.write("c.sql", "create table t (id int);\ncomment on database " + name +
                                       " is " + text + ";\ninsert into t values (1);\n");
    std::vector<std::string> arguments = {"schema-load", "--file", "c.sql", "--no-copy"};
    if (!way.empty()) {
        arguments.push_back(way);
    }
    if (way == "--via") {
        arguments.emplace_back("psql");
    }
    const auto result = fixture.run(arguments).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    const std::string after = fixture.comment_of(name);
    CHECK(after.ends_with(before));
    CHECK_FALSE(contains(after, "staging"));
    CHECK(after.starts_with("Shop") == (text.find("Shop") != std::string::npos));
    CHECK(fixture.ask("select count(*) from t") == "1");
}

TEST_CASE("a failure behind such a comment is told with its own place")
{
    const OutsideProject fixture;
    fixture.project.write("c.sql", "create table t (id int);\ncomment on database " +
                                       fixture.database.name() + " is 'x';\nselect nope;\n");
    const auto result = fixture.run({"schema-load", "--file", "c.sql"}).result();
    CHECK(result.exit_code == 1);
    CHECK(contains(result.err, "c.sql:3:8: error: column \"nope\""));
    CHECK(contains(result.err, "statement 3 of 3"));
}

TEST_CASE("code that composes its statements reaches into no other database")
{
    const OutsideProject fixture;
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string& name = fixture.other.name();
    const std::string composes = "execute 'comment on data' || 'base " + name + " is null'";
    fixture.project.write("sql/queries/unmark.sql", "do $$ begin " + composes + "; end $$");
    for (const std::string& sql :
         {"do $$ begin " + composes + "; end $$;",
          "create function run(a text) returns void language plpgsql as $$begin execute a; "
          "end$$;\nselect run(concat('alter data', 'base " +
              name + " set work_mem = 64'));",
          "create table todo (code text);\ninsert into todo values ('grant create on dat' || "
          "'abase " +
              name +
              " to public');\ndo $$ declare a text; begin for a in select code from todo loop "
              "begin execute a; exception when division_by_zero then null; end; end loop; end $$;",
          "do $$ begin execute 'delete from pg_shdes' || 'cription where objoid = (select oid "
          "from pg_database where datname = ''" +
              name + "'')'; end $$;",
          "create table t (id int); create function f() returns trigger language plpgsql as $$ "
          "begin " +
              composes +
              "; return null; end $$;\ncreate constraint trigger late after insert on t deferrable "
              "initially deferred for each row execute function f();\ninsert into t values (1);",
          "create temp table text (id int);\ndo $$ begin " + composes + "; end $$;"}) {
        fixture.project.write("sql/schema.sql", sql);
        fixture.project.write("crudctl.toml", "[project]\nname = \"shop\"\n[profiles.local]\n"
                                              "url = \"${CONNECTION_URL}\"\n");
        for (const auto& command : std::vector<std::vector<std::string>>{
                 {"setup", "--no-seed"},
                 {"schema-load", "-f", "sql/schema.sql", "--no-copy"},
                 {"schema-load", "-f", "sql/schema.sql", "--no-copy", "--via", "psql"},
                 {"query", "unmark", "--write"}}) {
            CAPTURE(sql, command);
            const auto result = fixture.run(command).result();
            INFO(result.err);
            CHECK(result.exit_code == 5);
            CHECK(contains(result.err, "statements names it"));
            CHECK(fixture.comment_of(name) == mark);
        }
        fixture.project.write("sql/schema.sql", "create table more (id int);\n" + sql +
                                                    "\ncreate index concurrently on more (id);\n");
        const auto replayed = fixture.run({"setup", "--no-seed"}).result();
        INFO(replayed.err);
        CHECK(replayed.exit_code == 5);
        CHECK(fixture.comment_of(name) == mark);
    }
}

TEST_CASE("a cursor that is held runs nothing at the COMMIT")
{
    const OutsideProject fixture;
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    fixture.project.write("sql/schema.sql",
                          "create function f() returns int language plpgsql as $$ begin execute "
                          "'comment on data' || 'base " +
                              fixture.other.name() +
                              " is null'; return 1; end $$;\n"
                              "declare c cursor with hold for select f();");
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"schema-load", "-f", "sql/schema.sql", "--no-copy"}, {"setup", "--no-seed"}}) {
        fixture.run(command).result();
        CHECK(fixture.comment_of(fixture.other.name()) == mark);
    }
}

TEST_CASE("what files do to their own database and to roles is no reach into another one")
{
    const OutsideProject fixture;
    const std::string& name = fixture.database.name();
    const std::string file =
        "do $$ begin execute format('alter database %I set work_mem = 64', current_database()); "
        "end $$;\ncreate role outside_own_role;\ncomment on role outside_own_role is 'x';\n"
        "alter role all set timezone = 'UTC';\nalter role all reset all;\n"
        "alter database " +
        name + " owner to postgres;\ngrant connect on database " + name +
        " to outside_own_role;\ncomment on database " + name +
        " is 'mine';\ncreate temp table text (id int);\ncreate table xid (id int);\n"
        "revoke connect on database " +
        name + " from outside_own_role;\ndrop role outside_own_role;\n";
    fixture.project.write("sql/schema.sql", file);
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"schema-load", "-f", "sql/schema.sql", "--no-copy"}, {"setup", "--no-seed"}}) {
        const auto result = fixture.run(command).result();
        INFO(result.err);
        CHECK(result.exit_code == 0);
    }
}

TEST_CASE("a database without plpgsql takes files, too")
{
    const DatabaseProject fixture;
    pg::Connection(fixture.database.info()).exec("drop extension plpgsql cascade");
    fixture.project.write("more.sql", "create table more (id int);\n");
    fixture.project.write("sql/queries/more.sql", "select m.id from more m");
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"schema-load", "-f", "more.sql"}, {"query", "more"}}) {
        const auto result = fixture.run(command).result();
        INFO(result.err);
        CHECK(result.exit_code == 0);
    }
}

TEST_CASE("files that end psql's transaction are refused, and found out where code does it")
{
    const OutsideProject fixture;
    const auto load = [&](const std::string& sql) {
        fixture.project.write("psql.sql", sql);
        return fixture.run({"schema-load", "-f", "psql.sql", "--no-copy", "--via", "psql"})
            .result();
    };
    for (const char* sql : {"commit;", "END WORK;", "select 1;\nrollback;", "abort;"}) {
        CAPTURE(sql);
        const auto refused = load(std::string("create table kept (id int);\n") + sql);
        CHECK(refused.exit_code == 5);
        CHECK(contains(refused.err, "ends the transaction"));
        CHECK(fixture.ask("select to_regclass('kept') is null") == "t");
    }
    fixture.project.write("inner.sql", "create table kept (id int);\ncommit;\n");
    CHECK(load("\\i inner.sql\n").exit_code == 5);
    CHECK(load("savepoint a;\nrollback to a;\nbegin;\nselect 1;").exit_code == 0);
    const auto ended = load("create table kept (id int);\nselect 'com' || 'mit' \\gexec\n");
    CHECK(ended.exit_code == 1);
    CHECK(contains(ended.err, "a part of what they did stays done"));
}

TEST_CASE("no session that a file opens leads into another database that is marked prod")
{
    const OutsideProject fixture;
    const std::string& name = fixture.other.name();
    fixture.comment("crudctl: {\"environment\":\"prod\"}");
    for (const std::string& sql :
         {"create extension dblink; select dblink_exec('dbname=" + name + "', 'drop table t');",
          "create extension dblink; select * from dblink('postgresql://ann@/" + name +
              "?x=1', 'select 1') as t(a int);",
          "create function wipe() returns text language sql as $$ select dblink_exec("
          "'host=/tmp dbname = ''" +
              name + "''', 'truncate t') $$;",
          "create server s foreign data wrapper postgres_fdw options (dbname '" + name + "');"}) {
        CAPTURE(sql);
        fixture.project.write("sql/schema.sql", sql);
        const auto result = fixture.run({"setup", "--no-seed"}).result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "reaches into database \"" + name + "\""));
    }
    fixture.comment("crudctl: {\"environment\":\"dev\"}");
    const auto plan = fixture.run({"setup", "--no-seed", "--dry-run"}).result();
    CHECK(contains(plan.out, "outside this database: create server s"));
}

TEST_CASE("what commits by itself does not run where it could reach a protected database")
{
    const OutsideProject fixture;
    const std::string& name = fixture.other.name();
    const std::string mark = "crudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string block = "begin " + fixture.composed_unmark() + " commit; end";
    for (const std::string& sql :
         {"do $$ " + block + " $$;",
          "create procedure p() language plpgsql as $$ " + block + " $$;\ncall p();"}) {
        fixture.project.write("sql/schema.sql", "create table users (id int);\n" + sql + "\n");
        const auto result = fixture.run({"setup", "--no-seed"}).result();
        INFO(result.err);
        CHECK(result.exit_code == 5);
        // The cluster has others that tests mark.
        CHECK(contains(result.err, "sql/schema.sql:"));
        CHECK(contains(result.err, " commits by itself, so that crudctl cannot see whether it "
                                   "changes \"crudctl_test_"));
        CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
        CHECK(fixture.comment_of(name) == mark);
    }
}

TEST_CASE("a mark that a statement of its own takes away comes back, and the run fails")
{
    const OutsideProject fixture;
    const std::string& name = fixture.other.name();
    const std::string mark = "Shop\ncrudctl: {\"environment\":\"prod\"}";
    fixture.comment(mark);
    const std::string unmark = fixture.composed_unmark();
    for (const std::string& sql :
         {"create function et() returns event_trigger language plpgsql as $$ begin if exists "
          "(select from pg_class where relname = 'users_id') then " +
              unmark +
              " end if; end $$;\ncreate event trigger zz on ddl_command_end when tag in "
              "('CREATE INDEX') execute function et();\n"
              "create index concurrently users_id on users (id);",
          // What it committed stays where it fails.
          "insert into users values (1), (1);\ncreate function et() returns event_trigger "
          "language plpgsql as $$ begin if tg_tag = 'CREATE INDEX' then " +
              unmark +
              " end if; end $$;\ncreate event trigger zz on ddl_command_start execute function "
              "et();\ncreate unique index concurrently on users (id);",
          "do $$ declare n int; begin perform pg_advisory_lock(4711, 1 + (select count(*)::int "
          "from pg_locks where locktype = 'advisory' and classid = 4711 and pid = "
          "pg_backend_pid())); select count(*) into n from pg_locks where locktype = 'advisory' "
          "and classid = 4711 and pid = pg_backend_pid(); if n < 4 then raise exception 'x' using "
          "errcode = '25001'; end if; " +
              unmark + " end $$;"}) {
        fixture.project.write("sql/schema.sql", "create table users (id int);\n" + sql + "\n");
        const auto result = fixture.run({"setup", "--no-seed"}).result();
        INFO(sql << result.err);
        CHECK(result.exit_code == 5);
        CHECK(contains(result.err, "\"" + name + "\" lost its mark while sql/schema.sql:"));
        CHECK(fixture.comment_of(name) == mark);
    }
    // VACUUM and its like run beside it.
    fixture.project.write("sql/schema.sql", "create table users (id int);\nvacuum users;\n"
                                            "create index concurrently on users (id);\n");
    CHECK(fixture.run({"setup", "--no-seed"}).result().exit_code == 0);
}

TEST_CASE("what commits by itself runs where no protected database is in its role's reach")
{
    OutsideProject fixture;
    fixture.comment("crudctl: {\"environment\":\"prod\"}");
    const TempRole role("login createdb");
    const TempDatabase own;
    pg::Connection(TestCluster::running().info())
        .exec(fmt::format("alter database {} owner to {}", own.name(), role.name()));
    fixture.project.set_variable("CONNECTION_URL", own.tcp_info()
                                                       .with("user", role.name())
                                                       .with("password", canary())
                                                       .url(pg::ConnInfo::ShowPassword::yes));
    fixture.project.write("sql/schema.sql", "create table users (id int);\n"
                                            "do $$ begin insert into users values (1); commit; "
                                            "insert into users values (2); end $$;\n");
    const auto result = fixture.run({"setup", "--no-seed"}).result();
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(pg::Connection(own.info()).exec("select count(*) from users").scalar() == "2");
}
