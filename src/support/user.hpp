#pragma once

#include <string>

namespace crudctl {

/// The account's name, or "uid 54321" where the passwd database does not know it.
std::string user_name();

/// Empty where the system does not say.
std::string host_name();

} // namespace crudctl
