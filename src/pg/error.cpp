#include "pg/error.hpp"

#include "support/text/text.hpp"

#include <charconv>
#include <utility>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

ExitCode exit_code_for(std::string_view sqlstate)
{
    return sqlstate == sqlstate::lock_not_available ? ExitCode::busy : ExitCode::failed;
}

std::string message_of(const Diagnostic& diagnostic)
{
    std::string text = fmt::format("{} (SQLSTATE {})", diagnostic.primary, diagnostic.sqlstate);
    if (!diagnostic.detail.empty()) {
        text += ": " + diagnostic.detail;
    }
    return text;
}

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

ConnectError::ConnectError(const std::string& message, std::string hint, std::string sqlstate,
                           Outlook outlook, Cause cause)
    : Error(ExitCode::connection, message, std::move(hint)),
      m_sqlstate(std::move(sqlstate)),
      m_outlook(outlook),
      m_cause(std::move(cause))
{}

ServerError::ServerError(Diagnostic diagnostic, std::size_t failed_result)
    : Error(exit_code_for(diagnostic.sqlstate), message_of(diagnostic), diagnostic.hint),
      m_diagnostic(std::move(diagnostic)),
      m_failed_result(failed_result)
{}

ConnectionLost::ConnectionLost(const std::string& message)
    : Error(ExitCode::failed, "lost the connection to the server: " + message)
{}

ConnectionLost::ConnectionLost(const Diagnostic& reason, std::size_t completed)
    : ConnectionLost(message_of(reason))
{
    m_completed = completed;
}

ConnectionLost loss_of(const PGconn* session)
{
    std::string text = PQerrorMessage(session);
    for (char& c : text) {
        c = c == '\n' || c == '\t' ? ' ' : c;
    }
    return ConnectionLost(std::string(trimmed(text)));
}

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
