#pragma once

#include "config/file/variables.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// How a variable's value goes into the text around it.
enum class Encoding {
    literal, // as it stands
    url,     // percent-encoded where text of a postgresql:// URL stands around it
};

struct Expanded {
    std::string text;
    /// Where the text comes from when it is one variable and nothing else: "CONNECTION_URL".
    std::optional<std::string> variable_origin;
};

/// Expands each ${NAME} and ${NAME:-default} once; what they stand for is never looked at again,
/// and a `$` without a brace stands for itself. Throws Error(configuration), led by `place`, for an
/// unset variable (with the nearest one that is set), a nested or an unclosed ${, and a secret key
/// or token of AWS (AWS_…SECRET…, AWS_…TOKEN…).
Expanded expand(std::string_view text, const std::string& place, Encoding encoding,
                const Variables& variables);

/// The names of the variables without default in the text that are not set; nothing is thrown, so
/// that a listing can show them.
std::vector<std::string> unset_variables(std::string_view text, const Variables& variables);

/// The names of all variables in the text, set or not, in their order.
std::vector<std::string> variable_names(std::string_view text);

/// The text as the project's own files make it: with the values that .env gives, and with ${NAME}
/// where the real environment gives one, or nothing does.
std::string text_of_project(std::string_view text, const Variables& variables);

/// What the text itself says: every variable replaced by its default, or by nothing.
std::string without_variables(std::string_view text);

} // namespace crudctl::config
