#include "script/csv/record.hpp"

namespace crudctl::script {

std::vector<CsvField> csv_fields(std::string_view record)
{
    std::vector<CsvField> fields(1);
    bool is_inside = false;
    bool was_quoted = false;
    const auto finish = [&] { fields.back().is_null = fields.back().value.empty() && !was_quoted; };
    for (std::size_t at = 0; at < record.size(); ++at) {
        const char c = record[at];
        if (c == '"') {
            const bool is_doubled = is_inside && record.substr(at + 1).starts_with('"');
            if (is_doubled) {
                fields.back().value += '"';
                ++at;
            } else {
                is_inside = !is_inside;
                was_quoted = true;
            }
        } else if (c == ',' && !is_inside) {
            finish();
            was_quoted = false;
            fields.push_back({at + 1, {}, false});
        } else {
            fields.back().value += c;
        }
    }
    finish();
    return fields;
}

std::optional<CsvRecordEnd> csv_record_end(std::string_view text)
{
    bool is_inside = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '"') {
            is_inside = !is_inside;
        } else if (!is_inside && c == '\n') {
            return CsvRecordEnd{at, at + 1};
        } else if (!is_inside && c == '\r') {
            const bool has_newline = text.substr(at + 1).starts_with('\n');
            return CsvRecordEnd{at, at + (has_newline ? 2U : 1U)};
        }
    }
    return std::nullopt;
}

std::optional<std::size_t> open_quote(std::string_view record)
{
    std::optional<std::size_t> opened;
    for (std::size_t at = 0; at < record.size(); ++at) {
        if (record[at] == '"') {
            const bool is_doubled = opened && record.substr(at + 1).starts_with('"');
            if (is_doubled) {
                ++at;
            } else {
                opened = opened ? std::nullopt : std::optional(at);
            }
        }
    }
    return opened;
}

} // namespace crudctl::script
