#pragma once

#include "cli/database_project.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::tests {

/// A command of this project, in whose output the cluster's password may not show.
inline CliCall call_in(const SampleProject& project,
                       std::vector<std::string> arguments = {"sessions"})
{
    return project.run_crudctl(std::move(arguments)).with_secret(TestCluster::running().password());
}

/// The same of a project whose profile `local` is this URL.
inline CliResult run_on(const std::string& url, std::vector<std::string> arguments = {"sessions"})
{
    SampleProject project;
    project.set_variable("CONNECTION_URL", url);
    return call_in(project, std::move(arguments)).result();
}

/// Nobody got in: exit code 4, nothing on stdout, the reason and what may help.
inline void check_fails(const CliResult& result, const std::string& reason, const std::string& hint)
{
    CAPTURE(result.err);
    CHECK(result.exit_code == 4);
    CHECK(result.out.empty());
    CHECK(contains(result.err, "crudctl: error: "));
    CHECK(contains(result.err, reason));
    CHECK(contains(result.err, "crudctl: hint: "));
    CHECK(contains(result.err, hint));
}

inline void check_succeeds(const CliResult& result)
{
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK_FALSE(contains(result.err, "warning"));
}

} // namespace crudctl::tests
