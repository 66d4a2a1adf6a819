#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// A Postgres that a compose file runs. Its password is not looked at.
struct ComposeDatabase {
    std::string service;
    std::string database; // POSTGRES_DB, else POSTGRES_USER; empty: the server's own, "postgres"
    std::string user;
    std::string port; // on the host; empty where it has none
};

/// What a compose file refers to.
struct ComposeSurroundings {
    /// The value of ${NAME}.
    std::function<std::optional<std::string>(const std::string& name)> variable;
    /// The variables in an env_file; none where it can't be read.
    std::function<std::map<std::string, std::string, std::less<>>(const std::string& path)>
        env_file;
};

/// Finds the services whose image is a Postgres, in their order, those that are made for tests
/// last. None where there is none, or the file is broken; never throws.
std::vector<ComposeDatabase> find_compose_databases(const std::string& text,
                                                    const ComposeSurroundings& surroundings);

} // namespace crudctl::config
