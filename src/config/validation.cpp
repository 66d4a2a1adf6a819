#include "config/validation.hpp"

#include "config/lambda_settings.hpp"
#include "config/setting_table.hpp"
#include "config/value_check.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

constexpr std::size_t most_listed_keys = 9;

constexpr std::array sections = {std::string_view("project"),
                                 std::string_view("server"),
                                 std::string_view("profiles"),
                                 std::string_view("profiles.NAME"),
                                 std::string_view("profiles.NAME.aws"),
                                 std::string_view("lambda"),
                                 std::string_view("lambda.TRIGGER.parameters")};

[[noreturn]] void refuse(const TomlFile& file, Place place, const std::string& reason,
                         const std::string& hint = {})
{
    throw Error(ExitCode::configuration,
                fmt::format("{}: {}", place_text(file.shown, place), reason), hint);
}

std::string_view parent_of(std::string_view key)
{
    const auto dot = key.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

/// What may stand directly in the table, keys and tables.
std::vector<std::string> names_in(std::string_view table)
{
    std::vector<std::string> names;
    for (const Setting& setting : setting_table()) {
        const bool is_in_file = setting.key.find('.') != std::string_view::npos;
        if (is_in_file && parent_of(setting.key) == table) {
            names.emplace_back(last_part(setting.key));
        }
    }
    for (const std::string_view section : sections) {
        if (parent_of(section) == table) {
            names.emplace_back(last_part(section));
        }
    }
    return names;
}

/// "[profiles.prod]"
std::string table_text(const Entry& entry)
{
    const std::vector<std::string> parent(entry.path.begin(), entry.path.end() - 1);
    return parent.empty() ? "the file" : fmt::format("[{}]", fmt::join(parent, "."));
}

[[noreturn]] void refuse_unknown(const TomlFile& file, const Entry& entry)
{
    const std::string generic = generic_key(entry.path);
    const std::vector<std::string> names = names_in(parent_of(generic));
    std::string hint;
    if (const auto meant = nearest(entry.path.back(), names)) {
        hint = fmt::format("did you mean \"{}\"?", *meant);
    } else if (names.size() <= most_listed_keys) {
        hint = fmt::format("{} may hold: {}", table_text(entry), fmt::join(names, ", "));
    }
    refuse(file, entry.key_place,
           fmt::format("unknown {} \"{}\" in {}",
                       entry.value.type == Value::Type::table ? "table" : "key",
                       printable(shortened(entry.path.back(), 64)), table_text(entry)),
           hint);
}

/// DATABASE@PROFILE[#PLAN] is typed by people and read by the program.
bool is_profile_name(std::string_view name)
{
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    };
    return !name.empty() && name.size() <= 63 && name.front() != '-' &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

void check_section(const TomlFile& file, const Entry& entry, std::string_view generic)
{
    if (entry.value.type != Value::Type::table) {
        refuse(file, entry.value.place, fmt::format("\"{}\" must be a table", entry.path.back()));
    }
    if (generic == "profiles.NAME" && !is_profile_name(entry.path.back())) {
        refuse(file, entry.key_place,
               fmt::format("\"{}\" cannot be a profile's name",
                           printable(shortened(entry.path.back(), 64))),
               "up to 63 letters, digits, \"-\" and \"_\" make one, with no \"-\" in front");
    }
}

/// A trigger that there isn't would never come: its query would silently not be run.
void check_trigger(const TomlFile& file, const Entry& entry)
{
    const std::string& name = entry.path[1];
    const std::vector<std::string> known(trigger_sources().begin(), trigger_sources().end());
    if (std::find(known.begin(), known.end(), name) == known.end()) {
        const auto meant = nearest(name, known);
        refuse(file, entry.key_place,
               fmt::format("\"{}\" is no trigger of Cognito", printable(shortened(name, 64))),
               meant ? fmt::format("did you mean \"{}\"?", *meant)
                     : "a triggerSource looks like PostConfirmation_ConfirmSignUp");
    }
    if (entry.value.type != Value::Type::table && entry.value.type != Value::Type::text) {
        refuse(file, entry.value.place,
               fmt::format("\"{}\" must be a query's name, or a table with one", name));
    }
}

bool is_table_of_trigger(const Entry& entry, std::string_view generic)
{
    return generic == "lambda.TRIGGER" && entry.value.type == Value::Type::table;
}

} // namespace

void check_against_table(const TomlFile& file)
{
    for (const Entry& entry : file.entries) {
        const std::string generic = generic_key(entry.path);
        if (generic == "lambda.TRIGGER") {
            check_trigger(file, entry);
        }
        if (is_table_of_trigger(entry, generic)) {
            continue;
        }
        if (std::find(sections.begin(), sections.end(), generic) != sections.end()) {
            check_section(file, entry, generic);
            continue;
        }
        const Setting* setting = find_setting(generic);
        if (setting == nullptr || entry.path.size() < 2) {
            refuse_unknown(file, entry);
        }
        check_value(file.shown, *setting, entry.value);
    }
}

} // namespace crudctl::config
