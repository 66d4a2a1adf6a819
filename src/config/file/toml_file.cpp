#include "config/file/toml_file.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <sstream>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

namespace crudctl::config {

namespace {

constexpr std::size_t largest_toml_file = std::size_t{1} << 20U;

Place place_of(const toml::source_region& region)
{
    return {region.begin.line, region.begin.column};
}

Value value_of(const toml::node& node)
{
    Value value;
    value.place = place_of(node.source());
    if (const auto* text = node.as_string()) {
        value.type = Value::Type::text;
        value.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
        value.type = Value::Type::integer;
        value.text = fmt::format("{}", integer->get());
    } else if (const auto* flag = node.as_boolean()) {
        value.type = Value::Type::flag;
        value.text = flag->get() ? "true" : "false";
    } else if (const auto* list = node.as_array()) {
        value.type = Value::Type::list;
        for (const toml::node& item : *list) {
            value.items.push_back(value_of(item));
        }
    } else if (node.is_table()) {
        value.type = Value::Type::table;
    }
    return value;
}

void collect(const toml::table& table, const std::vector<std::string>& parent,
             std::vector<Entry>& entries)
{
    for (const auto& [key, node] : table) {
        std::vector<std::string> path = parent;
        path.emplace_back(key.str());
        if (const auto* inner = node.as_table()) {
            collect(*inner, path, entries);
        }
        entries.push_back({std::move(path), place_of(key.source()), value_of(node)});
    }
}

/// toml++'s reason in our form. What it "saw" is cut off: that may be a piece of a password.
std::string reason_of(const toml::parse_error& error)
{
    std::string text(error.description());
    if (text.find("unescaped control characters") != std::string::npos) {
        return "the string is not closed on its line, or holds a control character";
    }
    text = text.substr(0, text.find(", saw "));
    constexpr std::string_view prefix = "Error while parsing ";
    if (text.starts_with(prefix)) {
        text.erase(0, prefix.size());
    }
    std::replace(text.begin(), text.end(), '\'', '"');
    text.front() = lower_ascii(text.substr(0, 1)).front();
    return printable(text);
}

bool comes_before(const Entry& a, const Entry& b)
{
    return std::tie(a.key_place.line, a.key_place.column, a.path) <
           std::tie(b.key_place.line, b.key_place.column, b.path);
}

} // namespace

std::string place_text(const std::string& shown, Place place)
{
    return fmt::format("{}:{}:{}", shown, place.line, place.column);
}

TomlFile parse_toml(std::string_view text, const std::string& shown)
{
    try {
        TomlFile file{shown, {}, {}};
        collect(toml::parse(text, std::string_view(shown)), {}, file.entries);
        std::stable_sort(file.entries.begin(), file.entries.end(), comes_before);
        return file;
    } catch (const toml::parse_error& error) {
        throw Error(
            ExitCode::configuration,
            fmt::format("{}: {}", place_text(shown, place_of(error.source())), reason_of(error)));
    }
}

TomlFile read_toml_file(const std::filesystem::path& path, const std::string& shown)
{
    const FileContent content = read_file(path, largest_toml_file);
    if (content.text.empty()) {
        throw Error(ExitCode::configuration,
                    fmt::format("cannot use \"{}\": the file is empty", shown));
    }
    TomlFile file = parse_toml(content.text, shown);
    file.facts = content.facts;
    return file;
}

} // namespace crudctl::config
