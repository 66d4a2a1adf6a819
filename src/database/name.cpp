#include "database/name.hpp"

#include "support/error.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>
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

/// What of a name leaves room for an addition of so many bytes.
std::string front_of(const std::string& name, std::size_t addition)
{
    if (name.size() + addition <= longest_name) {
        return name;
    }
    const std::string hash = fmt::format("_{:08x}", stable_hash(name));
    return cut_at_character(name, longest_name - addition - hash.size()) + hash;
}

std::string with_addition(const std::string& name, const std::string& addition)
{
    return front_of(name, addition.size()) + addition;
}

constexpr std::size_t check_length = 6;

std::string check_digits(std::string_view text)
{
    return fmt::format("{:06x}", stable_hash(text) & 0xFFFFFFU);
}

/// What names with check digits begin with.
std::string checked_prefix(const std::string& target, std::string_view kind)
{
    return front_of(target, kind.size() + 2 * check_length) + std::string(kind);
}

std::string drop_prefix(const std::string& target)
{
    return checked_prefix(target, "__drop_");
}

std::string with_check_digits(const std::string& prefix)
{
    std::random_device random;
    const std::string digits = fmt::format("{:06x}", random() & 0xFFFFFFU);
    return prefix + digits + check_digits(prefix + digits);
}

bool has_check_digits(std::string_view name, const std::string& prefix)
{
    return name.size() == prefix.size() + 2 * check_length && name.starts_with(prefix) &&
           name.substr(name.size() - check_length) ==
               check_digits(name.substr(0, name.size() - check_length));
}

// 20261124T091500, then _1f0c.
constexpr std::string_view previous_addition = "__prev_";
constexpr std::string_view previous_pattern = "ddddddddTdddddd_xxxx";

bool fits(std::string_view text, std::string_view pattern)
{
    const auto fits_one = [](char c, char wanted) {
        const bool is_digit = c >= '0' && c <= '9';
        return wanted == 'd'   ? is_digit
               : wanted == 'x' ? is_digit || (c >= 'a' && c <= 'f')
                               : c == wanted;
    };
    return std::ranges::equal(text, pattern, fits_one);
}

bool is_previous_name(std::string_view name, const std::string& target)
{
    const std::string front = front_of(target, previous_addition.size() + previous_pattern.size()) +
                              std::string(previous_addition);
    return name.starts_with(front) && fits(name.substr(front.size()), previous_pattern);
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

bool is_of_server(std::string_view name)
{
    return name == "postgres" || name == "template0" || name == "template1";
}

void check_own_name(std::string_view name, std::string_view maintenance_database)
{
    check_name(name);
    if (name == maintenance_database || is_of_server(name)) {
        throw Error(
            ExitCode::usage, fmt::format("crudctl never touches the database \"{}\"", name),
            "name the project's own database in the URL, with --database, or as project.name");
    }
}

std::string next_name(const std::string& target)
{
    return with_check_digits(next_prefix(target));
}

bool is_next_name(std::string_view name, const std::string& target)
{
    return has_check_digits(name, next_prefix(target));
}

std::string drop_name(const std::string& target)
{
    return with_check_digits(drop_prefix(target));
}

std::string next_prefix(const std::string& target)
{
    return checked_prefix(target, "__next_");
}

std::string previous_name(const std::string& target, std::string_view at)
{
    constexpr std::size_t to_the_second = 15;
    std::random_device random;
    std::string time;
    std::copy_if(at.begin(), at.end(), std::back_inserter(time),
                 [](char c) { return (c >= '0' && c <= '9') || c == 'T'; });
    time.resize(std::min(time.size(), to_the_second));
    return with_addition(target,
                         fmt::format("{}{}_{:04x}", previous_addition, time, random() & 0xFFFFU));
}

std::string saved_name(const std::string& target, const std::string& label)
{
    return with_addition(target, "__saved_" + label);
}

std::string start_name(const std::string& target, StandInKind kind, std::string_view hash)
{
    return with_addition(target, fmt::format("__{}_{}", kind_name(kind), hash.substr(0, 8)));
}

bool is_name_of(std::string_view name, const StandIn& stand_in)
{
    const std::string& target = stand_in.target;
    switch (stand_in.kind) {
    case StandInKind::next:
        return is_next_name(name, target);
    case StandInKind::dropping:
        return has_check_digits(name, drop_prefix(target));
    case StandInKind::previous:
        return is_previous_name(name, target);
    case StandInKind::saved:
        return name == saved_name(target, stand_in.label);
    case StandInKind::schema:
    case StandInKind::seeded:
        break;
    }
    return name == start_name(target, stand_in.kind, stand_in.label);
}

} // namespace crudctl::database
