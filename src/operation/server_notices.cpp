#include "operation/server_notices.hpp"

#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr std::size_t most_of_a_severity = 20;

/// Further lines of it must not look like ours.
std::string indented(const std::string& text)
{
    std::string lines;
    for (const char c : text) {
        lines += c == '\n' ? std::string("\n           ") : std::string(1, c);
    }
    return lines;
}

} // namespace

void ServerNotices::print(const pg::Diagnostic& notice, const std::string& place,
                          std::string_view sql)
{
    const std::string severity = lower_ascii(notice.severity);
    if (++m_counts[severity] > most_of_a_severity) {
        ++m_hidden[severity];
        return;
    }
    m_console.note(fmt::format("  {:<8} {}{}{}", severity, place, place.empty() ? "" : ": ",
                               indented(script::SqlSecrets(sql).masked(notice.primary))));
}

void ServerNotices::print_rest()
{
    std::string rest;
    for (const auto& [severity, count] : std::exchange(m_hidden, {})) {
        rest += (rest.empty() ? "" : ", ") + counted(count, severity);
    }
    if (!rest.empty()) {
        m_console.note(fmt::format("  … not shown: {} more", rest));
    }
}

} // namespace crudctl::commands
