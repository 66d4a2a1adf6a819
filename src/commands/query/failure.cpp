#include "commands/query/query.hpp"

#include "script/load/failure.hpp"
#include "script/sql/position.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr std::string_view data_class = "22"; // data exceptions
constexpr std::string_view indeterminate_type = "42P18";
constexpr std::string_view ambiguous_type = "42P08";

/// Which value the server can't read as what the parameter is; nothing where it is none of them.
struct Culprit {
    std::string parameter;
    std::string type;
};

std::optional<Culprit> culprit_of(pg::Connection& connection, const ProjectQuery& query,
                                  pg::Values values, const pg::ServerError& error)
{
    if (!error.sqlstate().starts_with(data_class)) {
        return std::nullopt;
    }
    const std::vector<std::string> types = inferred_types(connection, query);
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (!values[i]) {
            continue;
        }
        try {
            connection.exec_read_only("select $1::" + types[i], values.subspan(i, 1));
        } catch (const pg::ServerError& again) {
            if (again.sqlstate() == error.sqlstate()) {
                return Culprit{query.query.parameters[i], types[i]};
            }
        }
    }
    return std::nullopt;
}

/// "$2" as the file has it: "handle".
std::string with_names(std::string text, const std::vector<std::string>& parameters)
{
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
        std::size_t number = 0;
        const char* const end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + at + 1, end, number);
        if (read.ec == std::errc() && number >= 1 && number <= parameters.size()) {
            const auto size = static_cast<std::size_t>(read.ptr - text.data()) - at;
            text.replace(at, size, fmt::format("\"{}\"", parameters[number - 1]));
        }
    }
    return text;
}

void add_our_say(script::ScriptFailure& failure, const ProjectQuery& query)
{
    if (failure.sqlstate == pg::sqlstate::read_only) {
        failure.message = "the file writes, by what it calls: " + failure.message;
        failure.hint = "--write lets it, and asks on a protected profile as for a file that "
                       "destroys";
    }
    if (failure.sqlstate == indeterminate_type || failure.sqlstate == ambiguous_type) {
        failure.message = with_names(failure.message, query.query.parameters);
        failure.detail = with_names(failure.detail, query.query.parameters);
        failure.hint = "say it in the file, as in :name::text";
    }
}

script::ScriptFailure placed(const ProjectQuery& query, script::ScriptFailure failure,
                             std::size_t at, std::size_t columns)
{
    const script::ScriptFailure place = failure_at(query, at, columns);
    failure.place = place.place;
    failure.source = place.source;
    return failure;
}

} // namespace

std::vector<std::string> inferred_types(pg::Connection& connection, const ProjectQuery& query)
{
    try {
        return connection.describe(query.query.sql).parameters;
    } catch (const pg::ServerError&) {
        return {};
    }
}

script::ScriptError failure_of_query(pg::Connection& connection, const ProjectQuery& query,
                                     pg::Values values, const pg::ServerError& error,
                                     const std::string& state, std::size_t columns)
{
    script::FailureContext context;
    context.unit = script::position_unit(connection.parameter("client_encoding"),
                                         connection.parameter("server_encoding"));
    context.columns = columns;
    context.state = state;
    script::ScriptFailure failure = script::failure_of_server(error, context);
    failure.file = query.shown;
    failure.place.line = 0;
    add_our_say(failure, query);
    if (const auto& position = error.diagnostic().position) {
        const std::size_t at = script::byte_of_position(query.query.sql, *position, context.unit);
        return {error.code(), placed(query, std::move(failure), at, columns)};
    }
    if (const auto culprit = culprit_of(connection, query, values, error)) {
        failure.message = fmt::format("the value of \"{}\" is no {}: {}", culprit->parameter,
                                      culprit->type, failure.message);
        const std::size_t at = script::first_use(query.query, culprit->parameter);
        return {error.code(), placed(query, std::move(failure), at, columns)};
    }
    return {error.code(), std::move(failure)};
}

} // namespace crudctl::commands
