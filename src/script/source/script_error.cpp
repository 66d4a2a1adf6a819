#include "script/source/script_error.hpp"

#include "support/text/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

std::string headline(const ScriptFailure& failure)
{
    std::string text = failure.file;
    if (failure.place.line > 0) {
        text += fmt::format(":{}:{}", failure.place.line, failure.place.column);
    }
    text += ": error: " + failure.message;
    if (!failure.sqlstate.empty()) {
        text += fmt::format(" (SQLSTATE {})", failure.sqlstate);
    }
    return text;
}

/// "detail: first line", further lines under its text.
void add_labelled(std::vector<std::string>& lines, std::string_view label, std::string_view text)
{
    std::string prefix = fmt::format("  {}: ", label);
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        lines.push_back(prefix + printable(text.substr(0, newline)));
        prefix.assign(prefix.size(), ' ');
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
    }
}

} // namespace

ScriptError::ScriptError(ExitCode code, ScriptFailure failure)
    : Error(code, headline(failure), failure.hint), m_failure(std::move(failure))
{}

std::vector<std::string> ScriptError::report_lines() const
{
    std::vector<std::string> lines = m_failure.source;
    add_labelled(lines, "detail", m_failure.detail);
    add_labelled(lines, "context", m_failure.context);
    if (!m_failure.inner_query.empty()) {
        lines.emplace_back("  in this query:");
        lines.insert(lines.end(), m_failure.inner_query.begin(), m_failure.inner_query.end());
    }
    if (m_failure.statements > 0) {
        lines.push_back(fmt::format(
            "  statement {} of {} in {}", m_failure.statement, m_failure.statements,
            m_failure.statement_file.empty() ? m_failure.file : m_failure.statement_file));
    }
    if (!m_failure.state.empty()) {
        lines.push_back("  " + m_failure.state);
    }
    return lines;
}

ScriptError ScriptError::with_state(const std::string& state) const
{
    ScriptFailure failure = m_failure;
    failure.state = failure.state.empty() ? state : failure.state;
    return {code(), std::move(failure)};
}

Error refusal_of_hidden_reach(const std::string& what, const std::string& state)
{
    return {
        ExitCode::refused,
        fmt::format("{} change another database than their own, and none of their statements "
                    "names it; {}",
                    what, state),
        "look for code that composes statements, where current_database() is the database that "
        "is being built, and for REASSIGN OWNED and DROP OWNED, which go through all databases"};
}

} // namespace crudctl::script
