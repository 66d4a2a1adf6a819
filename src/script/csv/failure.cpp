#include "script/csv/failure.hpp"

#include "script/csv/record.hpp"
#include "script/csv/server_context.hpp"
#include "script/sql/position.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view bad_copy_format = "22P04";
constexpr std::string_view invalid_bytes_in_copy = "22021";
constexpr std::string_view not_null_violation = "23502";
constexpr std::string_view unknown_row =
    "which row of the file it was, the server doesn't say and the file doesn't show";

std::vector<std::string> names_of(const CsvTable& table)
{
    std::vector<std::string> names;
    for (const CsvColumn& column : table.columns) {
        names.push_back(column.name);
    }
    return names;
}

/// Which field of the row; nothing where the name is empty or not of the header.
std::optional<std::size_t> index_of(const CsvTable& table, std::string_view column)
{
    const auto found =
        std::find_if(table.columns.begin(), table.columns.end(),
                     [&](const CsvColumn& candidate) { return candidate.name == column; });
    return found == table.columns.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - table.columns.begin()));
}

/// The byte of the record that is wrong, where its very form is.
std::optional<std::size_t> malformed_byte(const CsvRecord& record, std::size_t columns,
                                          std::string_view sqlstate)
{
    if (sqlstate == invalid_bytes_in_copy) {
        return std::min(
            {first_invalid_byte(record.text), record.text.find('\0'), record.text.size()});
    }
    if (sqlstate != bad_copy_format) {
        return std::nullopt;
    }
    if (record.is_open) {
        return open_quote(record.text);
    }
    const auto fields = csv_fields(record.text);
    return fields.size() > columns ? fields[columns].begin : record.text.size();
}

std::size_t field_byte(const CsvRecord& record, std::optional<std::size_t> field)
{
    const auto fields = csv_fields(record.text);
    return field && *field < fields.size() ? fields[*field].begin : 0;
}

std::optional<CsvRecord> record_with_key(const CsvFile& file, const CsvTable& table,
                                         const KeyDetail& key)
{
    return find_csv_record(file, [&](const CsvRecord& record) {
        const auto fields = csv_fields(record.text);
        std::string_view rest = key.values;
        for (std::size_t i = 0; i < key.columns.size(); ++i) {
            const auto at = index_of(table, key.columns[i]);
            const std::string_view behind = i + 1 < key.columns.size() ? ", " : ")";
            if (record.number == 0 || !at || *at >= fields.size() || fields[*at].is_null ||
                !rest.starts_with(fields[*at].value + std::string(behind))) {
                return false;
            }
            rest.remove_prefix(fields[*at].value.size() + behind.size());
        }
        return true;
    });
}

/// The row and the column that the server's error is about.
struct Culprit {
    std::optional<CsvRecord> record;
    std::string column;
};

Culprit culprit_of(const CsvFile& file, const CsvTable& table, std::string_view copied,
                   const pg::Diagnostic& diagnostic)
{
    const auto names = names_of(table);
    const auto key = key_detail(diagnostic.detail, names);
    Culprit culprit;
    culprit.column = key ? key->columns.front() : diagnostic.column;
    if (const auto context = copy_context(diagnostic.context, copied, names)) {
        culprit.column = context->column.empty() ? culprit.column : context->column;
        culprit.record = find_csv_record(file, [&](const CsvRecord& record) {
            return record.server_line >= context->line || record.is_open;
        });
    } else if (key) {
        culprit.record = record_with_key(file, table, *key);
    } else if (const auto null = index_of(table, diagnostic.column);
               null && diagnostic.sqlstate == not_null_violation) {
        culprit.record = find_csv_record(file, [&](const CsvRecord& record) {
            const auto fields = csv_fields(record.text);
            return record.number > 0 && *null < fields.size() && fields[*null].is_null;
        });
    }
    return culprit;
}

/// A value, a constraint, or a trigger's own exception.
bool is_about_a_row(std::string_view sqlstate)
{
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001";
}

std::string renamed(std::string context, std::string_view copied, std::string_view relation)
{
    const std::string from = fmt::format("COPY {}, ", copied);
    const std::size_t at = context.find(from);
    return at == std::string::npos
               ? context
               : context.replace(at, from.size(), fmt::format("COPY {}, ", relation));
}

ScriptError failure_at(const CsvFile& file, const Place& place, const pg::ServerError& error,
                       std::string context, const CsvOptions& options)
{
    const pg::Diagnostic& diagnostic = error.diagnostic();
    ScriptFailure failure;
    failure.file = file.shown();
    failure.place = place;
    failure.message = diagnostic.primary;
    failure.sqlstate = diagnostic.sqlstate;
    failure.detail = diagnostic.detail;
    failure.hint = diagnostic.hint;
    failure.context = std::move(context);
    failure.state = options.state_after_failure;
    if (place.line > 0) {
        failure.source = file.excerpt(place, options.columns);
    } else if (failure.hint.empty() && is_about_a_row(failure.sqlstate)) {
        failure.hint = unknown_row;
    }
    return {error.code(), std::move(failure)};
}

Place no_place()
{
    Place place;
    place.line = 0;
    return place;
}

std::optional<CsvRecord> record_of_row(const CsvFile& file, std::size_t row)
{
    return find_csv_record(file, [&](const CsvRecord& record) { return record.number == row; });
}

constexpr std::size_t buffer_bytes = std::size_t{64} << 10U;
constexpr std::size_t max_kept_bytes = std::size_t{1} << 20U;

/// Reads a file record by record, and counts lines as editors do and as the server does.
class Reader {
public:
    explicit Reader(const CsvFile& file)
        : m_file(file), m_buffer(buffer_bytes), m_offset(file.begin().offset)
    {}

    bool next()
    {
        m_record.number += m_record.server_line > 0 ? 1 : 0;
        m_record.place = {m_offset + m_at, m_line, m_column};
        m_record.text.clear();
        m_record.is_open = false;
        ++m_record.server_line;
        while (const auto c = take()) {
            m_record.is_open = m_record.is_open != (*c == '"');
            if (!m_record.is_open && (*c == '\n' || *c == '\r')) {
                finish(*c);
                return true;
            }
            m_record.server_line += m_record.is_open && *c == m_counted ? 1 : 0;
            if (m_record.text.size() < max_kept_bytes) {
                m_record.text += *c;
            }
        }
        return !m_record.text.empty();
    }

    const CsvRecord& record() const noexcept { return m_record; }

private:
    void finish(char line_end)
    {
        m_counted = line_end;
        const bool is_pair = line_end == '\r' && peek() == '\n';
        if (is_pair) {
            take();
        }
        m_column =
            line_end == '\n' || is_pair ? 1 : advanced(m_record.place, m_record.text).column + 1;
    }

    std::optional<char> peek()
    {
        if (m_at == m_data.size()) {
            m_offset += m_data.size();
            m_data = m_file.read(m_offset, m_buffer);
            m_at = 0;
        }
        return m_data.empty() ? std::nullopt : std::optional(m_data[m_at]);
    }

    std::optional<char> take()
    {
        const auto c = peek();
        m_at += c ? 1 : 0;
        m_line += c == '\n' ? 1 : 0;
        return c;
    }

    const CsvFile& m_file;
    std::vector<char> m_buffer;
    std::string_view m_data;
    std::size_t m_offset;     // of m_data, in the file
    std::size_t m_at = 0;     // in m_data
    std::size_t m_line = 1;   // of the next record
    std::size_t m_column = 1; // not 1 where lines end in carriage returns alone
    CsvRecord m_record;
    // What the server counts inside quotes: it knows only behind the first record what ends a line,
    // and until then takes it to be a carriage return.
    char m_counted = '\r';
};

} // namespace

ScriptError failure_of_csv(const CsvFile& file, const CsvTable& table, std::string_view copied,
                           const pg::ServerError& error, const CsvOptions& options)
{
    const pg::Diagnostic& diagnostic = error.diagnostic();
    const Culprit culprit = culprit_of(file, table, copied, diagnostic);
    const std::string context = renamed(diagnostic.context, copied, table.relation);
    if (!culprit.record) {
        return failure_at(file, no_place(), error, context, options);
    }
    const CsvRecord& record = *culprit.record;
    const auto malformed = malformed_byte(record, table.columns.size(), diagnostic.sqlstate);
    const std::size_t byte =
        malformed ? *malformed : field_byte(record, index_of(table, culprit.column));
    return failure_at(file, record.place_at(byte), error, context, options);
}

ScriptError failure_of_csv_row(const CsvFile& file, std::size_t row, const pg::ServerError& error,
                               const CsvOptions& options)
{
    const auto record = record_of_row(file, row);
    return failure_at(file, record ? record->place : no_place(), error, error.diagnostic().context,
                      options);
}

ScriptError refusal_of_csv_row(const CsvFile& file, const CsvTable& table, std::size_t row,
                               std::string_view column, const std::string& message,
                               const std::string& hint, const CsvOptions& options)
{
    const auto record = record_of_row(file, row);
    const Place place =
        record ? record->place_at(field_byte(*record, index_of(table, column))) : file.begin();
    return file.error(place, message, hint, options.state_after_failure);
}

Place place_of_csv_row(const CsvFile& file, std::size_t row)
{
    const auto record = record_of_row(file, row);
    return record ? record->place : file.begin();
}

Place CsvRecord::place_at(std::size_t byte) const
{
    return advanced(place, std::string_view(text).substr(0, byte));
}

std::optional<CsvRecord> find_csv_record(const CsvFile& file,
                                         const std::function<bool(const CsvRecord&)>& is_wanted)
{
    Reader reader(file);
    while (reader.next()) {
        if (is_wanted(reader.record())) {
            return reader.record();
        }
    }
    return std::nullopt;
}

} // namespace crudctl::script
