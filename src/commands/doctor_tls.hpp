#pragma once

#include "commands/diagnosis.hpp"
#include "commands/target.hpp"

#include <string>

namespace crudctl::commands {

/// What sslmode made of it: the version (empty: not encrypted), and what was checked.
std::string tls_text(const pg::ConnInfo& info, const std::string& tls_version);

/// Which check failed and what helps; of a certificate that isn't trusted, why: the server is asked
/// for it once more.
Finding tls_failure(const Context& context, const Target& target, const pg::ConnectError& error);

} // namespace crudctl::commands
