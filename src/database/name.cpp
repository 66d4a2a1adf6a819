#include "database/name.hpp"

#include "support/error.hpp"
#include "support/hash.hpp"
#include "support/text.hpp"

#include <random>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

std::string cut_at_character(std::string_view text, std::size_t bytes)
{
    std::size_t end = 0;
    while (end < text.size() && end + utf8_at(text, end).length <= bytes) {
        end += utf8_at(text, end).length;
    }
    return std::string(text.substr(0, end));
}

[[noreturn]] void refuse(std::string_view name, const std::string& reason)
{
    throw Error(ExitCode::usage,
                fmt::format("\"{}\" cannot be a database's name: {}", shortened(name, 70), reason));
}

} // namespace

void check_name(std::string_view name)
{
    if (name.empty()) {
        refuse(name, "it is empty");
    }
    if (name.size() > longest_name) {
        refuse(name, fmt::format("it has {} bytes, and Postgres would cut it to {}", name.size(),
                                 longest_name));
    }
    if (!is_valid_utf8(name)) {
        refuse(name, "it is not valid UTF-8");
    }
    if (name.find_first_of(std::string_view("\0\r\n", 3)) != std::string_view::npos) {
        refuse(name, "it contains a line break or a NUL");
    }
}

void check_own_name(std::string_view name, std::string_view maintenance_database)
{
    check_name(name);
    if (name == "template0" || name == "template1") {
        throw Error(ExitCode::usage,
                    fmt::format("\"{}\" belongs to the server: crudctl leaves it alone", name));
    }
    if (name == maintenance_database || name == "postgres") {
        throw Error(
            ExitCode::usage,
            fmt::format("\"{}\" is the maintenance database: crudctl leaves it alone", name),
            "name the project's own database in the URL, with --database, or as project.name");
    }
}

std::string stand_in_name(const std::string& name, std::string_view kind)
{
    std::random_device random;
    const std::string suffix = fmt::format("__{}_{:08x}", kind, random());
    if (name.size() + suffix.size() <= longest_name) {
        return name + suffix;
    }
    const std::string hash = fmt::format("_{:08x}", stable_hash(name));
    return cut_at_character(name, longest_name - suffix.size() - hash.size()) + hash + suffix;
}

std::string stand_in_comment(const std::string& target)
{
    return fmt::format("crudctl: stands in for \"{}\" while it is replaced", target);
}

} // namespace crudctl::database
