#pragma once

#include "pg/error.hpp"

#include <optional>
#include <span>
#include <string>

namespace crudctl::commands {

/// The server's message without any of these values, nor what else it may quote of a row: for a
/// log that more people read than the database. Detail and context are left out altogether.
std::string logged_message(const pg::Diagnostic& diagnostic,
                           std::span<const std::optional<std::string>> values);

/// The text without any of these values.
std::string without_values(std::string text, std::span<const std::optional<std::string>> values);

} // namespace crudctl::commands
