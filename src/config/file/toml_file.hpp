#pragma once

#include "support/system/file.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// Where something stands in a file; both count from 1, columns in characters.
struct Place {
    std::size_t line = 0;
    std::size_t column = 0;
};

/// What stands behind a key. Scalars keep their text (`true`, `5433`), lists their items.
struct Value {
    enum class Type { text, integer, flag, list, table, other };
    Type type = Type::other;
    std::string text;
    std::vector<Value> items;
    Place place;
};

/// A key with its tables, as in {"profiles", "prod", "url"}. A table has an entry of its own, too.
struct Entry {
    std::vector<std::string> path;
    Place key_place;
    Value value;
};

/// A TOML file as data, its entries in the order in which they stand.
struct TomlFile {
    std::string shown; // the file's name for people
    FileFacts facts;
    std::vector<Entry> entries;
};

/// Reads and parses a file of at most 1 MiB. Throws Error(configuration) where it cannot be read,
/// is empty or is not TOML: file:line:column and the reason, never a value out of the file.
TomlFile read_toml_file(const std::filesystem::path& path, const std::string& shown);

/// The same from a text.
TomlFile parse_toml(std::string_view text, const std::string& shown);

/// "crudctl.toml:14:7"
std::string place_text(const std::string& shown, Place place);

} // namespace crudctl::config
