#pragma once

#include "cli/proxy_project.hpp"
#include "support/nightly.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

namespace crudctl::tests {

/// A project of few messages, whose old and new database a test can tell apart, whole or not.
class SwapProject : public ProxyProject {
public:
    static constexpr const char* whole_new = "new: 3 + 2";
    static constexpr const char* whole_old = "old: 3 + 2";
    static constexpr const char* nothing = "nothing";

    SwapProject()
    {
        project.write("crudctl.toml", "[project]\nname = \"swap\"\nschema = [\"schema.sql\"]\n"
                                      "seeds = [\"seed.sql\"]\n"
                                      "[profiles.local]\nurl = \"${CONNECTION_URL}\"\n");
        add_to_schema("");
        project.write("seed.sql", "insert into people select g, 'new' from "
                                  "generate_series(1, 3) g;\n"
                                  "insert into visits values (1), (3);\n");
    }

    void add_to_schema(const std::string& more) const
    {
        project.write("schema.sql", "create table people (id int primary key, word text);\n"
                                    "create table visits (id int references people);\n" +
                                        more);
    }

    /// Without a proxy.
    CliResult run_directly(const std::vector<std::string>& arguments)
    {
        project.set_variable("CONNECTION_URL", database.url());
        return DatabaseProject::run(arguments).result();
    }
    void expect_done(const std::vector<std::string>& arguments)
    {
        const CliResult result = run_directly(arguments);
        INFO(result.err);
        REQUIRE(result.exit_code == 0);
    }

    /// An old one stands there; and for an undo, a new one was set aside.
    void prepare_for(const std::string& command)
    {
        if (command == "undo") {
            expect_done({"setup"});
        }
        make_old();
        m_before = fingerprint();
    }
    void make_old() const
    {
        pg::Connection(database.info()).exec("update people set word = 'old'");
    }

    /// Whatever a run left since prepare_for(), the next one needs no help. Where it left
    /// everything as it was there is nothing to show by that, except at night.
    void converge_and_prepare_for(const std::string& command)
    {
        if (fingerprint() == m_before && !is_nightly()) {
            return;
        }
        expect_done({"setup"});
        CHECK(state() == whole_new);
        // A build whose server process lives on is left alone: it ends once it finds its client
        // gone.
        for (int i = 0; i < 20 && databases() != database.name(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            expect_done({"setup"});
        }
        CHECK(databases() == database.name());
        prepare_for(command);
    }
    /// What answers to the name: its word and how many rows there are.
    std::string state() const
    {
        if (ask_server(fmt::format("select count(*) from pg_database where datname = '{}'",
                                   database.name())) == "0") {
            return nothing;
        }
        return ask("select coalesce(string_agg(distinct word, '/'), 'no') || ': ' || count(*)"
                   " || ' + ' || (select count(*) from visits) from people");
    }

private:
    /// Which databases there are, and which of them has the name.
    std::string fingerprint() const
    {
        return databases() + ' ' + copies() + ' ' +
               ask_server(fmt::format("select max(oid) from pg_database where datname = '{}'",
                                      database.name()));
    }

    std::string m_before;
};

} // namespace crudctl::tests
