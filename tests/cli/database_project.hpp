#pragma once

#include "pg/connection.hpp"
#include "support/sample_project.hpp"
#include "support/temp_cluster.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::tests {

/// The sample project whose profile `local` is a database of the test cluster, over TCP with its
/// password, which may show nowhere.
class DatabaseProject {
public:
    DatabaseProject() { project.set_variable("CONNECTION_URL", database.url()); }

    CliCall run(std::vector<std::string> arguments) const
    {
        return project.run_crudctl(std::move(arguments))
            .with_secret(TestCluster::running().password());
    }

    /// A run that has to end with this code.
    CliResult expect(const std::vector<std::string>& arguments, int exit_code) const
    {
        CliResult result = run(arguments).result();
        INFO(result.err);
        REQUIRE(result.exit_code == exit_code);
        return result;
    }

    /// The first field of the only row.
    std::string ask(const std::string& sql) const
    {
        return pg::Connection(database.info()).exec(sql).scalar().value_or("null");
    }

    /// The database where there is one, and whatever a run left behind; not what it keeps.
    std::string databases() const { return listed("datname !~ '__(prev|saved|schema|seeded)_'"); }
    /// What was set aside, oldest first, and what was saved.
    std::string copies() const { return listed("datname ~ '__(prev|saved)_'"); }

    /// The same of the server's databases, in SQL as a superuser.
    static std::string ask_server(const std::string& sql)
    {
        return pg::Connection(TestCluster::running().info()).exec(sql).scalar().value_or("null");
    }

    TempDatabase database;
    SampleProject project;

private:
    std::string listed(const std::string& condition) const
    {
        return pg::Connection(TestCluster::running().info())
            .exec("select string_agg(datname, ' ' order by datname) from pg_database"
                  " where starts_with(datname, $1) and " +
                      condition,
                  database.name())
            .scalar()
            .value_or("");
    }
};

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace crudctl::tests
