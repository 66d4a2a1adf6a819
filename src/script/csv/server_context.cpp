#include "script/csv/server_context.hpp"

#include <algorithm>
#include <charconv>

namespace crudctl::script {

namespace {

/// The longest of the names that `text` begins with, and that ends there.
std::string leading_name(std::string_view text, std::span<const std::string> names)
{
    std::string longest;
    for (const std::string& name : names) {
        const bool is_whole =
            text.size() == name.size() ||
            (text.size() > name.size() && (text[name.size()] == ':' || text[name.size()] == ' '));
        if (name.size() > longest.size() && text.starts_with(name) && is_whole) {
            longest = name;
        }
    }
    return longest;
}

std::optional<CopyContext> context_of_line(std::string_view line,
                                           std::span<const std::string> columns)
{
    CopyContext context;
    const std::size_t digits = line.find_first_of("0123456789");
    if (digits == std::string_view::npos) {
        return std::nullopt;
    }
    const auto number =
        std::from_chars(line.data() + digits, line.data() + line.size(), context.line);
    if (number.ec != std::errc() || context.line == 0) {
        return std::nullopt;
    }
    line.remove_prefix(static_cast<std::size_t>(number.ptr - line.data()));
    const std::size_t comma = line.find(", ");
    if (comma < line.find(':')) { // otherwise the comma is the data's
        line.remove_prefix(comma + 2);
        line.remove_prefix(std::min(line.find(' ') + 1, line.size())); // "column", in any language
        context.column = leading_name(line, columns);
    }
    return context;
}

/// The name as it is, or as the server quotes it.
std::string known_name(std::string_view name, std::span<const std::string> columns)
{
    std::string plain(name);
    if (name.size() > 1 && name.starts_with('"') && name.ends_with('"')) {
        plain = name.substr(1, name.size() - 2);
        for (std::size_t at = plain.find("\"\""); at != std::string::npos;
             at = plain.find("\"\"", at + 1)) {
            plain.erase(at, 1);
        }
    }
    for (const std::string& column : columns) {
        if (column == name || column == plain) {
            return column;
        }
    }
    return {};
}

} // namespace

std::optional<CopyContext> copy_context(std::string_view context, std::string_view relation,
                                        std::span<const std::string> columns)
{
    const std::string prefix = "COPY " + std::string(relation) + ", ";
    const bool is_first = context.starts_with(prefix);
    const std::size_t at = is_first ? 0 : context.find("\n" + prefix);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return context_of_line(context.substr(at + prefix.size() + (is_first ? 0 : 1)), columns);
}

std::optional<KeyDetail> key_detail(std::string_view detail, std::span<const std::string> columns)
{
    constexpr std::string_view between = ")=(";
    const std::size_t open = detail.find('(');
    const std::size_t close = detail.find(between);
    if (open > close || close == std::string_view::npos) {
        return std::nullopt;
    }
    KeyDetail key;
    key.values = detail.substr(close + between.size());
    std::string_view names = detail.substr(open + 1, close - open - 1);
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(", "), names.size());
        key.columns.push_back(known_name(names.substr(0, comma), columns));
        if (key.columns.back().empty()) {
            return std::nullopt;
        }
        names.remove_prefix(std::min(comma + 2, names.size()));
    }
    return key;
}

} // namespace crudctl::script
