#pragma once

#include "config/file/toml_file.hpp"

#include <span>
#include <string>
#include <string_view>

namespace crudctl::config {

/// What a setting's value may be.
enum class Kind { text, word, path, number, flag, url, secret, paths, statements, words, fields };

/// One setting, named once: loading, checking, listing and the reference page walk the table of
/// these. A key without a dot comes from the command line or the environment only.
struct Setting {
    std::string_view key; // "project.name", "profiles.NAME.url"
    Kind kind;
    /// The environment variable that sets it: CRUDCTL_… is stronger than the file, PG… weaker.
    std::string_view variable;
    std::string_view default_text; // as a person reads it
    std::string_view description;
    std::string_view choices = {}; // of Kind::word: "ask|never|always"
};

std::span<const Setting> setting_table();

/// By its generic key, "profiles.NAME.url"; null where there is none.
const Setting* find_setting(std::string_view generic_key);

/// True for the keys of a profile that are libpq's connection keywords.
bool is_connection_keyword(const Setting& setting);

/// False for the settings whose variable counts in the real environment alone: paths, which lead to
/// programs and files of the user's, and addresses that requests go to. The project's own queries
/// are neither.
bool takes_dotenv(const Setting& setting);

/// The part behind the last dot.
std::string_view last_part(std::string_view key);

/// "number from 1 to 65535", "true or false" …: the kind in words.
std::string kind_text(const Setting& setting);

/// "profiles.NAME.url" for {"profiles", "prod", "url"}, "lambda.TRIGGER" for a trigger's table.
std::string generic_key(std::span<const std::string> path);

/// Throws Error(configuration) with file:line:column for the first unknown key (with the nearest
/// valid one), wrong type, impossible value or unusable profile name.
void check_against_table(const TomlFile& file);

} // namespace crudctl::config
