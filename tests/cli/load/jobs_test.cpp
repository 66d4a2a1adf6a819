#include "cli/proxy_project.hpp"
#include "support/dumps.hpp"
#include "support/gzip.hpp"
#include "support/nightly.hpp"
#include "support/own_server.hpp"
#include "support/temp_role.hpp"

#include <chrono>
#include <csignal>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds far_less_than_a_sleep{30};

/// A project whose seeds are these files.
struct JobsProject : ProxyProject {
    void write(const std::string& schema, const std::vector<std::string>& seeds) const
    {
        std::string list;
        for (const std::string& seed : seeds) {
            list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", seed);
        }
        project.write("crudctl.toml",
                      fmt::format("[project]\nschema = [\"schema.sql\"]\nseeds = [{}]\n"
                                  "[profiles.local]\nurl = \"${{CONNECTION_URL}}\"\n",
                                  list));
        project.write("schema.sql", schema);
    }
    /// Each row takes the server a hundredth of a second.
    static std::string slow_table(const std::string& name)
    {
        return fmt::format("create table {} (id int check (pg_sleep(0.01) is not null));\n", name);
    }
    std::string sessions_left() const
    {
        return ask_server(fmt::format("select count(*) from pg_stat_activity where "
                                      "starts_with(datname, '{}') and application_name like "
                                      "'crudctl%'",
                                      database.name()));
    }
};

std::string numbers(int count, const std::string& more = "")
{
    std::string rows = "id" + std::string(more.empty() ? "\n" : ",more\n");
    for (int i = 1; i <= count; ++i) {
        rows += fmt::format("{}{}\n", i, more.empty() ? "" : "," + more);
    }
    return rows;
}

/// The files' names in the order in which the report has them.
std::vector<std::string> loaded_files(const std::string& err)
{
    constexpr std::string_view label = "  loaded   ";
    std::vector<std::string> files;
    for (auto at = err.find(label); at != std::string::npos; at = err.find(label, at + 1)) {
        const std::size_t begin = at + label.size();
        files.push_back(err.substr(begin, err.find(',', begin) - begin));
    }
    return files;
}

} // namespace

TEST_CASE("CSV files that are loaded at once give the database that they give one by one")
{
    if (!can_dump()) {
        return;
    }
    const JobsProject fixture;
    fixture.project.write("a.csv", numbers(20000, "02/03/2024"));
    fixture.project.write("b.csv.gz", gzipped(numbers(20000, "02/03/2024")));
    fixture.project.write("between.sql", "set datestyle = 'ISO, YMD'; create table b2 as select * "
                                         "from a where id < 10; create table \"none\" (id int);\n");
    fixture.project.write("c.csv", numbers(20000, "02/03/2024"));
    fixture.project.write("child.csv", numbers(20000, "02/03/2024"));
    fixture.project.write("b2.csv", numbers(20000, "02/03/2024"));
    fixture.project.write("none.csv", "id\n");
    fixture.write(
        "create table a (id serial primary key, more date);\n"
        "create table b (id serial primary key, more date);\n"
        "create table child (id int references a, more date);\n"
        "create table c (id int generated always as identity, more date);\n" +
            // What the sessions of the seeds take a date for.
            fmt::format("alter database {} set datestyle = 'ISO, DMY';\n", fixture.database.name()),
        {"a.csv", "b.csv.gz", "between.sql", "c.csv", "child.csv", "b2.csv", "none.csv"});
    const auto set_up = [&](std::vector<std::string> arguments) {
        fixture.expect({"drop"}, 0); // otherwise the new one has the old one's settings
        arguments.insert(arguments.begin(), "setup");
        return fixture.expect(arguments, 0);
    };
    const auto one_by_one = set_up({});
    const std::string expected = dump_of(fixture.database.name());
    for (const char* jobs : {"2", "5"}) {
        const auto at_once = set_up({"--jobs", jobs});
        CHECK(difference(expected, dump_of(fixture.database.name())) == "");
        CHECK(loaded_files(at_once.err) == loaded_files(one_by_one.err));
    }
    CHECK(fixture.ask("select string_agg(distinct more::text, ' ') from a") == "2024-03-02");
    CHECK(fixture.ask("select string_agg(distinct more::text, ' ') from b") == "2024-03-02");
    CHECK(fixture.ask("select nextval('b_id_seq')") == "20001");
}

TEST_CASE("jobs log in once more for each connection, and one job not at all")
{
    constexpr int attempts = 5;
    JobsProject fixture;
    fixture.write(JobsProject::slow_table("a") + JobsProject::slow_table("b") +
                      JobsProject::slow_table("c"),
                  {"a.csv", "b.csv", "c.csv"});
    for (const char* file : {"a.csv", "b.csv", "c.csv"}) {
        fixture.project.write(file, numbers(30));
    }
    const auto log_ins = [&](const std::vector<std::string>& arguments, int expected) {
        // A session that is slow to go makes the swap log in once more.
        int found = 0;
        for (int attempt = 0; attempt < attempts && found != expected; ++attempt) {
            const auto run = fixture.run(arguments, {});
            REQUIRE(run.result.exit_code == 0);
            found = run.traffic.log_ins;
        }
        CHECK(found == expected);
    };
    log_ins({"setup"}, 2);
    log_ins({"setup", "--jobs", "1"}, 2);
    log_ins({"setup", "--jobs", "2"}, 3);
    log_ins({"setup", "--jobs", "9"}, 4); // no more than there are jobs
}

TEST_CASE("the job that fails first ends the others, and is what is reported")
{
    const bool fails_here = GENERATE(true, false); // over the first connection
    const JobsProject fixture;
    fixture.write("create table old (id int);\n", {});
    fixture.expect({"setup", "--seed"}, 0);
    // Related files are one job: the first of them gives the other job time to begin.
    fixture.write("create table pause (id int primary key check (pg_sleep(0.01) is not null));\n"
                  "create table bad (id int references pause);\n" +
                      JobsProject::slow_table("slow"),
                  fails_here ? std::vector<std::string>{"pause.csv", "bad.csv", "slow.csv"}
                             : std::vector<std::string>{"slow.csv", "pause.csv", "bad.csv"});
    fixture.project.write("pause.csv", numbers(50));
    fixture.project.write("bad.csv", "id\n1\nx\n");
    fixture.project.write("slow.csv", numbers(10000));
    const auto started = Clock::now();
    const auto result = fixture.expect({"setup", "--jobs", "2"}, 1);
    INFO(result.err);
    CHECK(Clock::now() - started < far_less_than_a_sleep);
    CHECK(contains(result.err, "bad.csv:3:1: error: invalid input syntax for type integer: \"x\""));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.ask("select to_regclass('old') is not null") == "t");
    CHECK(fixture.databases() == fixture.database.name());
    CHECK(fixture.sessions_left() == "0");
}

TEST_CASE("a signal ends all jobs, and leaves nothing behind")
{
    const int signal = GENERATE(SIGINT, SIGTERM);
    const JobsProject fixture;
    fixture.write(JobsProject::slow_table("a") + JobsProject::slow_table("b") +
                      JobsProject::slow_table("c"),
                  {"a.csv", "b.csv", "c.csv"});
    for (const char* file : {"a.csv", "b.csv", "c.csv"}) {
        fixture.project.write(file, numbers(10000));
    }
    const auto started = Clock::now();
    const auto result =
        fixture.DatabaseProject::run({"setup", "--jobs", "3"})
            .with_signal(signal, "loaded   schema.sql", std::chrono::milliseconds(500))
            .result();
    INFO(result.err);
    CHECK(Clock::now() - started < far_less_than_a_sleep);
    CHECK(result.exit_code == 128 + signal);
    CHECK(contains(result.err, "interrupted"));
    CHECK(contains(result.err, fixture.database.name() + " is exactly as it was"));
    CHECK(fixture.databases() == fixture.database.name());
    CHECK(eventually([&] { return fixture.sessions_left() == "0"; }));
}

TEST_CASE("jobs that are cut at any message leave the old database or the new one", "[nightly]")
{
    if (!is_nightly()) {
        return;
    }
    JobsProject fixture;
    fixture.write("create table a (id int);\ncreate table b (id int);\ncreate table c (id int);\n",
                  {"a.csv", "b.csv", "c.csv"});
    for (const char* file : {"a.csv", "b.csv", "c.csv"}) {
        fixture.project.write(file, numbers(3));
    }
    const std::string url = fixture.database.url();
    Proxy::Options options;
    options.cut = Cut{GENERATE(Cut::Way::to_server, Cut::Way::to_client), 0, Cut::Moment::before};
    std::set<int> codes;
    for (bool was_cut = true; was_cut;) {
        ++options.cut->message;
        fixture.project.set_variable("CONNECTION_URL", url);
        fixture.expect({"setup"}, 0); // needs no help, whatever the run before left
        CHECK(fixture.databases() == fixture.database.name());
        pg::Connection(fixture.database.info()).exec_script("truncate a, b, c");
        const auto [result, traffic] = fixture.run({"setup", "--jobs", "3"}, options);
        INFO("message " << options.cut->message << '\n' << result.err);
        const std::string rows = fixture.ask("select (select count(*) from a) + (select count(*) "
                                             "from b) + (select count(*) from c)");
        CHECK(rows == (result.exit_code == 0 ? "9" : "0"));
        codes.insert(result.exit_code);
        was_cut = traffic.was_cut;
    }
    WARN(fmt::format("it was cut at {} messages", options.cut->message - 1));
    CHECK(codes == std::set<int>{0, 1, 4});
}

TEST_CASE("where the server has no session to spare, the jobs share those there are")
{
    JobsProject fixture;
    fixture.write(
        JobsProject::slow_table("a") + JobsProject::slow_table("b") +
            fmt::format("alter database {} connection limit 1;\n", fixture.database.name()),
        {"a.csv", "b.csv"});
    fixture.project.write("a.csv", numbers(30));
    fixture.project.write("b.csv", numbers(30));
    const TempRole role("login createdb");
    pg::Connection(TestCluster::running().info())
        .exec_script(
            fmt::format("alter database {} owner to {}", fixture.database.name(), role.name()));
    fixture.project.set_variable(
        "CONNECTION_URL",
        fixture.database.info().with("user", role.name()).url(pg::ConnInfo::ShowPassword::no));
    const auto result = fixture.expect({"setup", "--jobs", "2"}, 0);
    CHECK(contains(result.err, "one connection less than they might"));
    CHECK(fixture.ask("select (select count(*) from a) + (select count(*) from b)") == "60");
}

TEST_CASE("jobs are for a database that is built aside, and for a number of them")
{
    const DatabaseProject fixture;
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"setup", "--jobs", "0"},
                                               {"setup", "--jobs", "65"},
                                               {"setup", "--jobs", "many"},
                                               {"setup", "--jobs", "-1"},
                                               {"setup", "--jobs", "2", "--in-place"},
                                               {"setup", "--jobs", "2", "--via", "psql"},
                                               {"seed", "--jobs", "2"}}) {
        CAPTURE(arguments);
        fixture.expect(arguments, 2);
    }
    const auto plan = fixture.expect({"setup", "--jobs", "2", "--dry-run"}, 0);
    CHECK(contains(plan.out, "unrelated CSV files over up to 2 connections"));
}
