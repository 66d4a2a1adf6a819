#include "commands/query/result.hpp"

#include "support/text/text.hpp"
#include "support/text/text_table.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

// Types by their OID, which are the same on every server (pg_type.dat).
constexpr unsigned boolean_type = 16;
constexpr std::array<unsigned, 4> integer_types = {20, 21, 23, 26};
constexpr std::array<unsigned, 3> number_types = {700, 701, 1700};
constexpr std::array<unsigned, 2> json_types = {114, 3802};

template <std::size_t Count>
bool contains(const std::array<unsigned, Count>& types, unsigned type)
{
    return std::find(types.begin(), types.end(), type) != types.end();
}

bool is_number(unsigned type)
{
    return contains(integer_types, type) || contains(number_types, type);
}

std::string quoted_json(std::string_view text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Numbers keep all their digits, which no type of ours would; NaN and Infinity are none in JSON.
std::string json_value(std::optional<std::string_view> value, unsigned type)
{
    if (!value) {
        return "null";
    }
    if (type == boolean_type) {
        return *value == "t" ? "true" : "false";
    }
    const bool is_finite = value->find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    if (contains(json_types, type) || (is_number(type) && is_finite)) {
        return std::string(*value);
    }
    return quoted_json(*value);
}

std::string csv_field(std::optional<std::string_view> value)
{
    if (!value) {
        return "";
    }
    if (!value->empty() && value->find_first_of(",\"\r\n") == std::string_view::npos) {
        return std::string(*value);
    }
    std::string text = "\"";
    for (const char c : *value) {
        text.append(c == '"' ? 2 : 1, c);
    }
    return text + "\"";
}

TextTable table_of(const pg::Result& result)
{
    const std::vector<pg::Column> columns = result.columns();
    std::vector<TextTable::Column> headings;
    headings.reserve(columns.size());
    for (const pg::Column& column : columns) {
        headings.push_back(
            {printable(column.name),
             is_number(column.type) ? TextTable::Align::right : TextTable::Align::left,
             !is_number(column.type)});
    }
    TextTable table(std::move(headings));
    for (std::size_t row = 0; row < result.size(); ++row) {
        std::vector<std::string> cells;
        cells.reserve(columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            cells.emplace_back(result[row].field(i).value_or(std::string_view()));
        }
        table.add(std::move(cells));
    }
    return table;
}

std::size_t width_of(std::string_view lines)
{
    std::size_t width = 0;
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\n'));
        width = std::max(width, display_width(line));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    }
    return width;
}

/// A line for each column, a blank line between rows: for a terminal that is too narrow for a
/// table.
std::string records_of(const pg::Result& result, std::size_t terminal_width)
{
    constexpr std::size_t least_width = 20;
    std::vector<std::string> names;
    std::size_t name_width = 0;
    for (const pg::Column& column : result.columns()) {
        names.push_back(printable(column.name));
        name_width = std::max(name_width, display_width(names.back()));
    }
    const std::size_t indent = name_width + 2;
    const std::size_t width =
        std::max(least_width, terminal_width - std::min(indent, terminal_width));
    std::string text;
    for (std::size_t row = 0; row < result.size(); ++row) {
        text += row > 0 ? "\n" : "";
        for (std::size_t i = 0; i < names.size(); ++i) {
            std::string line = names[i];
            std::size_t filled = display_width(names[i]);
            const auto value = result[row].field(i).value_or(std::string_view());
            for (const std::string& part : wrapped(printable(value), width)) {
                line += std::string(part.empty() ? 0 : indent - filled, ' ') + part + "\n";
                filled = 0;
            }
            text += line;
        }
    }
    return text;
}

void warn_of_equal_names(const Context& context, const pg::Result& result)
{
    std::set<std::string> names;
    for (const pg::Column& column : result.columns()) {
        if (!names.insert(column.name).second) {
            context.console.warning(fmt::format("two columns are called \"{}\": the JSON has both, "
                                                "and most programs keep the last one",
                                                column.name));
        }
    }
}

/// Of a statement that gives no rows: what there is to tell a program.
std::string json_of_command(const pg::Result& result)
{
    const std::string tag = result.command_tag();
    const nlohmann::ordered_json document = {
        {"command", tag.substr(0, tag.find_first_of("0123456789") - 1)},
        {"rows", result.affected_rows()}};
    return document.dump();
}

std::string text_of(const Context& context, const pg::Result& result, const QueryOptions& options)
{
    if (options.rows_as == RowsAs::value) {
        return std::string(result[0].field(0).value_or("")) + "\n";
    }
    if (options.rows_as == RowsAs::csv) {
        return rows_as_csv(result);
    }
    if (context.options.json) {
        return rows_as_json(result, options.wants_one_row ? JsonOf::only_row : JsonOf::rows);
    }
    const Terminal& terminal = context.console.terminal();
    const std::string table = table_of(result).to_text();
    return terminal.output && width_of(table) > terminal.columns
               ? records_of(result, terminal.columns)
               : table;
}

} // namespace

void require_wanted_rows(const pg::Result& result, const QueryOptions& options,
                         const std::string& state)
{
    const bool wants_value = options.rows_as == RowsAs::value;
    const std::size_t columns = result.columns().size();
    const auto refuse = [&](const std::string& message) {
        throw Error(ExitCode::failed, message + state);
    };
    if ((options.wants_one_row || wants_value) && (columns == 0 || result.size() != 1)) {
        refuse(fmt::format("{} gave {}, and {} wants one", options.name,
                           columns == 0 ? "no rows at all" : counted(result.size(), "row"),
                           wants_value ? "--value" : "--one"));
    }
    if (wants_value && columns != 1) {
        refuse(fmt::format("{} gave {}, and --value wants one", options.name,
                           counted(columns, "column")));
    }
}

void print_rows(const Context& context, const pg::Result& result, const QueryOptions& options)
{
    if (result.columns().empty()) {
        context.console.result(context.options.json ? json_of_command(result) : "");
        return;
    }
    if (context.options.json) {
        warn_of_equal_names(context, result);
    }
    context.console.result(text_of(context, result, options));
    if (options.rows_as == RowsAs::table && !context.options.json && done_text(result).empty()) {
        context.console.note(fmt::format("({})", counted(result.size(), "row")));
    }
}

std::string done_text(const pg::Result& result)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> verbs = {
        {{"INSERT", "inserted"},
         {"UPDATE", "updated"},
         {"DELETE", "deleted"},
         {"MERGE", "merged"}}};
    const std::string tag = result.command_tag();
    const std::string command = tag.substr(0, tag.find(' '));
    const auto found =
        std::ranges::find_if(verbs, [&](const auto& pair) { return pair.first == command; });
    if (found != verbs.end()) {
        return fmt::format("{} {}", counted(result.affected_rows(), "row"), found->second);
    }
    return result.columns().empty() ? lower_ascii(tag) : "";
}

std::string rows_as_json(const pg::Result& result, JsonOf of)
{
    const std::vector<pg::Column> columns = result.columns();
    std::string text;
    for (std::size_t row = 0; row < result.size(); ++row) {
        text += row == 0 ? "" : ",\n";
        text += of == JsonOf::rows ? "  {" : "{";
        for (std::size_t i = 0; i < columns.size(); ++i) {
            text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", quoted_json(columns[i].name),
                                json_value(result[row].field(i), columns[i].type));
        }
        text += "}";
    }
    if (of == JsonOf::only_row) {
        return text;
    }
    return text.empty() ? "[]" : "[\n" + text + "\n]";
}

std::string rows_as_csv(const pg::Result& result)
{
    const std::vector<pg::Column> columns = result.columns();
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        text += (i == 0 ? "" : ",") + csv_field(columns[i].name);
    }
    text += "\n";
    for (std::size_t row = 0; row < result.size(); ++row) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            text += (i == 0 ? "" : ",") + csv_field(result[row].field(i));
        }
        text += "\n";
    }
    return text;
}

} // namespace crudctl::commands
