#pragma once

#include "cli/database_project.hpp"
#include "support/proxy.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace crudctl::tests {

/// The sample project whose database is reached through a proxy, a new one for every run.
class ProxyProject : public DatabaseProject {
public:
    /// crudctl's run, to its end, and what passed meanwhile.
    struct Run {
        CliResult result;
        Traffic traffic;
    };

    Run run(const std::vector<std::string>& arguments, const Proxy::Options& options,
            const std::function<void(pid_t)>& when_started = nullptr)
    {
        const Proxy proxy(std::stoi(TestCluster::running().port()), options);
        project.set_variable(
            "CONNECTION_URL",
            database.tcp_info().with("port", proxy.port()).url(pg::ConnInfo::ShowPassword::yes));
        CliResult result = DatabaseProject::run(arguments).when_started(when_started).result();
        return {std::move(result), proxy.traffic()};
    }
};

} // namespace crudctl::tests
