#pragma once

#include "config/file/values.hpp"
#include "pg/conn_info.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::config {

/// What a profile's url, service and connection keys say, and nothing else.
struct Target {
    pg::ConnInfo conn_info;
    std::string origin;             // of what names the server; empty where nothing does
    bool names_server = false;      // a url, host, hostaddr or service
    bool has_keys = false;          // any connection key at all: enough for the default Unix socket
    bool has_open_service = false;  // a service that only libpq can look up
    std::vector<std::string> notes; // what was understood or left out of another tool's URL
};

/// Reads the keys below `prefix` ("profiles.prod."). Throws Error(configuration) for a URL that
/// cannot be read, a key that says otherwise than the URL, a keyword that this libpq does not know.
Target read_target(const std::string& prefix, const Values& values,
                   const std::filesystem::path& root);

} // namespace crudctl::config
