#include "cli/database_project.hpp"
#include "support/system/file.hpp"
#include "support/throw_away_server.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

// Code that others put into a database runs inside of a file's own statements, and inside of those
// of ours that touch the user's tables: COPY, merge, DROP and ANALYZE. Nothing else wakes it.

namespace {

/// Everything of the user's that the server runs by itself, each with a call of the canary.
constexpr const char* canaries = R"(
create schema trap;
create function trap.canary(what text) returns bool language plpgsql volatile as $$
begin
    raise log 'canary % in <<%>>', what, current_query();
    return true;
end $$;
create function trap.stable_canary(n int) returns int language plpgsql immutable as $$
begin
    perform trap.canary('index');
    return n;
end $$;
create function trap.fits(oid, regclass) returns bool language sql as
    $$select trap.canary('operator')$$;
create operator public.= (leftarg = oid, rightarg = regclass, function = trap.fits);
create function trap.joins(text, oid) returns text language sql as
    $$select trap.canary('operator')::text$$;
create operator public.|| (leftarg = text, rightarg = oid, function = trap.joins);
create function trap.above(numeric, bigint) returns bool language sql as
    $$select trap.canary('operator')$$;
create operator public.<= (leftarg = numeric, rightarg = bigint, function = trap.above);
create function public.count(regclass) returns bigint language sql as
    $$select trap.canary('function')::int::bigint$$;
create domain public.checked as int check (trap.canary('domain'));
create type public.pair as (a int, b int);
create function trap.to_pair(text) returns public.pair language plpgsql as $$
begin perform trap.canary('cast'); return row(1, 2); end $$;
create cast (text as public.pair) with function trap.to_pair(text) as implicit;
create sequence public.few_ids;
create table public.few (id numeric primary key default nextval('public.few_ids'),
                         word public.checked,
                         spare int default length(trap.canary('default')::text));
alter sequence public.few_ids owned by public.few.id;
create index on public.few (trap.stable_canary(word));
create function trap.on_row() returns trigger language plpgsql as $$
begin perform trap.canary('trigger'); return new; end $$;
create trigger planted before insert or update on public.few
    for each row execute function trap.on_row();
alter table public.few enable row level security;
alter table public.few force row level security;
create policy planted on public.few using (trap.canary('policy'));
create view public.pg_database as
    select d.*, trap.canary('view') from pg_catalog.pg_database d;
create view public.pg_class as select c.*, trap.canary('view') from pg_catalog.pg_class c;
create function trap.on_ddl() returns event_trigger language plpgsql as $$
begin perform trap.canary('event trigger'); end $$;
create event trigger planted on ddl_command_start execute function trap.on_ddl();
create event trigger planted_drop on sql_drop execute function trap.on_ddl();
)";

struct CanaryProject {
    CanaryProject()
    {
        project.write("crudctl.toml", "[project]\nname = \"shop\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\", \"few.csv\"]\nqueries = \"queries\"\n"
                                      "checks = [\"select count(*) >= 0 from few\"]\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        project.write("schema.sql", canaries);
        project.write("seed.sql", "insert into few (word) values (1);\n");
        project.write("few.csv", "id,word\n7,1\n");
        project.write("queries/few.sql", "select word from few");
        project.set_variable("CONNECTION_URL", server.info().with_database("shop").url(
                                                   pg::ConnInfo::ShowPassword::no));
    }
    CliResult run(const std::vector<std::string>& arguments) const
    {
        return project.run_crudctl(arguments).that_may_show_secrets().result();
    }
    /// What the canary was woken in since the last call.
    std::vector<std::string> sung()
    {
        const std::string log = read_file(server.log(), 1U << 26U).text;
        std::vector<std::string> found;
        for (std::size_t at = log.find("canary ", m_read); at != std::string::npos;
             at = log.find("canary ", at + 1)) {
            const std::size_t begin = log.find("<<", at);
            const std::size_t end = log.find(">>", begin);
            if (begin != std::string::npos && end != std::string::npos &&
                log.substr(at, begin - at).find(" in ") != std::string::npos) {
                found.push_back(log.substr(at, end - at));
            }
        }
        m_read = log.size();
        return found;
    }

    ThrowAwayServer server{{"log_min_messages = log", {}, nullptr}};
    SampleProject project;

private:
    std::size_t m_read = 0;
};

/// A file's own statement, or one of ours that touches the user's tables.
bool may_wake(const std::string& song)
{
    for (const char* part :
         {"<<insert into few", "<<select word from few", "<<select count(*) >= 0 from few",
          "<<create ", "<<alter table", "COPY", "copy public.few", "analyze %s", "with updated as",
          "drop %s", "create temporary table"}) {
        if (song.find(part) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("planted code runs in the statements of files and of loads, and in no others of ours")
{
    CanaryProject fixture;
    const CliResult first = fixture.run({"setup"});
    INFO(first.err);
    REQUIRE(first.exit_code == 0);
    CHECK_FALSE(fixture.sung().empty()); // the bird is alive
    const std::vector<std::vector<std::string>> commands = {
        {"status"},
        {"sessions"},
        {"doctor"},
        {"copies"},
        {"mark"},
        {"config"},
        {"history"},
        {"setup", "--dry-run"},
        {"seed", "--again", "--dry-run"},
        {"query", "few"},
        {"ensure"},
        {"save", "now"},
        {"mark", "--as", "dev"},
        {"seed", "--upsert", "--again", "-f", "few.csv"},
        {"setup"},
        {"undo"},
        {"undo", "now"},
        {"drop"},
        {"undo"},
        {"setup", "--in-place", "--confirm", "shop@local"},
        {"copies", "--delete", "now", "--confirm", "shop@local"},
    };
    for (const std::vector<std::string>& command : commands) {
        CAPTURE(command);
        const CliResult result = fixture.run(command);
        INFO(result.err);
        CHECK(result.exit_code == 0);
        for (const std::string& song : fixture.sung()) {
            INFO(song.substr(0, 400));
            CHECK(may_wake(song));
        }
    }
}
