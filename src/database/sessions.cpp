#include "database/sessions.hpp"

#include "database/queries.hpp"
#include "support/text/text.hpp"

#include <charconv>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

std::optional<double> seconds_of(std::optional<std::string_view> text)
{
    double value = 0;
    if (!text ||
        std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::vector<Session> sessions(pg::Connection& connection,
                              const std::optional<std::string>& database)
{
    const pg::Result result = database ? connection.look(queries::sessions, *database)
                                       : connection.look(queries::sessions, std::nullopt);
    std::vector<Session> found;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const pg::Row row = result[i];
        Session session;
        session.pid = row.number("pid");
        session.role = row.text("role");
        session.database = row.text("database");
        session.client = row.text("client");
        session.application = row.text("application");
        session.state = row.text("state");
        session.state_age = seconds_of(row["state_age"]);
        session.query_age = seconds_of(row["query_age"]);
        session.query = row.text("query");
        session.started = row.text("started");
        session.is_own = row.is_true("is_own");
        found.push_back(std::move(session));
    }
    return found;
}

std::string blockers_of(pg::Connection& connection, int backend_pid)
{
    const pg::Result result = connection.look(queries::blockers, backend_pid);
    if (result.empty()) {
        return {};
    }
    const pg::Row first = result[0];
    std::string text = fmt::format("{} (pid {}, {}", printable(first.text("application")),
                                   first.number("pid"), first.text("state"));
    if (const auto age = seconds_of(first["state_age"])) {
        text += " for " + duration_text(*age);
    }
    return text + (result.size() == 1 ? ")" : fmt::format("; and {} more)", result.size() - 1));
}

std::string users_of(pg::Connection& maintenance, const std::string& database)
{
    std::string users;
    for (const Session& session : sessions(maintenance, database)) {
        if (!session.is_own) {
            users += fmt::format("{}{} as {} (pid {})", users.empty() ? "" : ", ",
                                 session.application.empty() ? "a session"
                                                             : printable(session.application),
                                 printable(session.role), session.pid);
        }
    }
    return users;
}

std::size_t end_sessions(const Permit& permit, pg::Connection& maintenance,
                         const std::string& database, const std::string& also)
{
    const pg::Result result =
        maintenance.look(permit.tag() + queries::ended_sessions, database, also);
    return static_cast<std::size_t>(result[0].number("ended"));
}

} // namespace crudctl::database
