#include "script/csv/header.hpp"

#include "script/csv/file.hpp"
#include "script/csv/record.hpp"
#include "script/sql/position.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t max_header_bytes = std::size_t{1} << 20U; // 1600 columns of 63 bytes: 100 kB
constexpr std::size_t max_name_bytes = 63;                      // the server cuts what is longer
constexpr std::string_view nothing_sent = "nothing was run";
constexpr std::string_view name_rule =
    "a CSV file is named after its table: users.csv, or app.users.csv for one in schema \"app\"";

[[noreturn]] void refuse(const CsvFile& file, const Place& place, std::string message,
                         std::string hint)
{
    throw ScriptError(
        file.error(place, std::move(message), std::move(hint), std::string(nothing_sent)));
}

/// The header's text without its line end.
std::string header_text(const CsvFile& file)
{
    std::string text = file.text(file.begin().offset, max_header_bytes);
    if (text.empty()) {
        refuse(file, file.begin(), "the file is empty", "its first line names the columns");
    }
    if (const auto found = csv_record_end(text)) {
        text.resize(found->end);
    } else if (const auto quote = open_quote(text)) {
        refuse(file, advanced(file.begin(), text.substr(0, *quote)),
               "the header row's quote is never closed", "a quote inside a name is doubled");
    } else if (text.size() == max_header_bytes) {
        refuse(file, file.begin(),
               fmt::format("the header row is longer than {}", size_text(max_header_bytes)),
               "its first line names the columns");
    }
    return text;
}

void check_encoding(const CsvFile& file, const std::string& text)
{
    const std::size_t invalid = std::min(first_invalid_byte(text), text.find('\0'));
    if (invalid >= text.size()) {
        return;
    }
    const bool is_nul = text[invalid] == '\0';
    refuse(file, advanced(file.begin(), text.substr(0, invalid)),
           is_nul ? "the header row has a NUL byte" : "the header row is not UTF-8",
           "save the file as CSV in UTF-8");
}

void check_names(const CsvFile& file, const std::vector<CsvName>& names)
{
    for (auto name = names.begin(); name != names.end(); ++name) {
        if (name->text.empty()) {
            refuse(file, name->place,
                   fmt::format("column {} of the header has no name",
                               std::distance(names.begin(), name) + 1),
                   "each column needs a name of the table's");
        }
        const auto first = std::find_if(
            names.begin(), name, [&](const CsvName& other) { return other.text == name->text; });
        if (first != name) {
            refuse(file, name->place,
                   fmt::format("column \"{}\" stands twice in the header", printable(name->text)),
                   "leave one of them out");
        }
    }
}

} // namespace

std::vector<CsvName> read_csv_header(const CsvFile& file)
{
    const std::string text = header_text(file);
    check_encoding(file, text);
    std::vector<CsvName> names;
    Place place = file.begin();
    for (CsvField& field : csv_fields(text)) {
        const std::size_t done = place.offset - file.begin().offset;
        place = advanced(place, std::string_view(text).substr(done, field.begin - done));
        names.push_back({std::move(field.value), place});
    }
    check_names(file, names);
    return names;
}

CsvTableName table_of_csv_file(const CsvFile& file)
{
    std::string stem = file.path().filename().string();
    stem.resize(stem.size() - csv_ending(file.path()).size());
    const std::size_t dot = stem.find('.');
    CsvTableName name{dot == std::string::npos ? "" : stem.substr(0, dot),
                      dot == std::string::npos ? stem : stem.substr(dot + 1)};
    const auto is_odd = [](const std::string& part) {
        return part.empty() || part.size() > max_name_bytes ||
               part.find('.') != std::string::npos || printable(part) != part;
    };
    if (!has_csv_name(file.path()) || is_odd(name.table) ||
        (dot != std::string::npos && is_odd(name.schema))) {
        Place no_place;
        no_place.line = 0;
        refuse(file, no_place, "the file's name doesn't say which table it is for",
               std::string(name_rule));
    }
    return name;
}

} // namespace crudctl::script
