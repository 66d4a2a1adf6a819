#pragma once

#include "aws/strict_endpoint.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::tests {

/// A project whose profile `local` names one instance and `prod` another one, both in this state;
/// without a state there is none.
struct RdsScene {
    explicit RdsScene(const std::string& state = {},
                      const nlohmann::json& more = nlohmann::json::object())
        : rds(with_instances(state, more)), workspace(rds)
    {
        workspace.set("AWS_ENDPOINT_URL_RDS", rds.url());
        use({});
    }

    static nlohmann::json with_instances(const std::string& state, const nlohmann::json& more)
    {
        nlohmann::json scenario = {{"instances", nlohmann::json::object()}};
        if (!state.empty()) {
            scenario["instances"] = {{"cruddur-db-instance", state}, {"cruddur-prod", state}};
        }
        scenario.merge_patch(more);
        return scenario;
    }

    /// The settings, with these lines at the end: of the AWS settings of `local`.
    void use(const std::string& lines) const
    {
        workspace.write("project/crudctl.toml",
                        "[profiles.prod.aws]\ninstance = 'cruddur-prod'\n"
                        "[profiles.local.aws]\ninstance = 'cruddur-db-instance'\n" +
                            lines);
    }

    CliCall call(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), "rds");
        return workspace.run(std::move(arguments));
    }

    CliResult expect(int exit_code, std::vector<std::string> arguments) const
    {
        CliResult result = call(std::move(arguments)).result();
        CAPTURE(result.err);
        CHECK(result.exit_code == exit_code);
        return result;
    }

    /// How often this was asked for and done.
    int count(const std::string& action) const
    {
        int number = 0;
        for (const std::string& each : rds.actions()) {
            number += each == action + " 200" ? 1 : 0;
        }
        return number;
    }

    /// What was sent with the last request of this action.
    nlohmann::json sent(const std::string& action) const
    {
        nlohmann::json fields;
        for (const nlohmann::json& request : rds.requests()) {
            if (request.contains("fields") && request["fields"].value("Action", "") == action) {
                fields = request["fields"];
            }
        }
        return fields;
    }

    StrictEndpoint rds;
    Workspace workspace;
};

} // namespace crudctl::tests
