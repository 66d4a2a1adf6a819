#pragma once

#include "aws/rds.hpp"

#include <string>

namespace crudctl::commands {

/// An instance for people, a line for each of its sides, and for programs.
std::string rds_text(const aws::RdsInstance& found);
std::string rds_json(const aws::RdsInstance& found);

} // namespace crudctl::commands
