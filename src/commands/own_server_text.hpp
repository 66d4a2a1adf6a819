#pragma once

#include "server/local_server.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crudctl::commands {

/// What there is to say of the project's own server, as labels and texts: `status` and
/// `server status` show the same.
std::vector<std::pair<std::string, std::string>>
own_server_lines(const server::ServerStatus& status);

} // namespace crudctl::commands
