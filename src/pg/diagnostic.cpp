#include "pg/diagnostic.hpp"

#include <charconv>

namespace crudctl::pg {

namespace {

std::string field(const PGresult* result, int code)
{
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

std::optional<std::size_t> number_field(const PGresult* result, int code)
{
    const std::string digits = field(result, code);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && value > 0 ? std::optional(value) : std::nullopt;
}

} // namespace

Diagnostic diagnostic_of(const PGresult* result)
{
    Diagnostic diagnostic;
    diagnostic.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    diagnostic.sqlstate = field(result, PG_DIAG_SQLSTATE);
    diagnostic.primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    diagnostic.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    diagnostic.hint = field(result, PG_DIAG_MESSAGE_HINT);
    diagnostic.context = field(result, PG_DIAG_CONTEXT);
    diagnostic.position = number_field(result, PG_DIAG_STATEMENT_POSITION);
    diagnostic.internal_position = number_field(result, PG_DIAG_INTERNAL_POSITION);
    diagnostic.internal_query = field(result, PG_DIAG_INTERNAL_QUERY);
    diagnostic.schema = field(result, PG_DIAG_SCHEMA_NAME);
    diagnostic.table = field(result, PG_DIAG_TABLE_NAME);
    diagnostic.column = field(result, PG_DIAG_COLUMN_NAME);
    diagnostic.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    return diagnostic;
}

} // namespace crudctl::pg
