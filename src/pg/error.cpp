#include "pg/error.hpp"

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

} // namespace crudctl::pg
