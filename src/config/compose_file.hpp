#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crudctl::config {

/// A Postgres that a compose file runs. Its password is not looked at.
struct ComposeDatabase {
    std::string service;
    std::string database;
    std::string user;
    std::string port; // on the host; empty where it has none
};

/// The first service whose image is a Postgres. Reads what such files have in practice, line by
/// line: maps and lists in block style. What it does not understand is left out; never throws.
std::optional<ComposeDatabase> find_compose_database(std::string_view text);

} // namespace crudctl::config
