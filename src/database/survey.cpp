#include "database/survey.hpp"

#include "database/queries.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

constexpr int oldest_supported = 140000;

constexpr auto lenient = nlohmann::json::error_handler_t::replace;

[[noreturn]] void refuse(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::refused, message, hint);
}

/// The server's identity is kept from some roles: they do without.
std::vector<pg::Result> ask(pg::Connection& connection,
                            std::vector<pg::BoundStatement> short_one_first)
{
    try {
        return connection.look(short_one_first);
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() != pg::sqlstate::insufficient_privilege) {
            throw;
        }
    }
    constexpr std::string_view identity =
        "(select system_identifier from pg_catalog.pg_control_system())";
    std::string& without = short_one_first.front().sql;
    without.replace(without.find(identity), identity.size(), "null");
    return connection.look(short_one_first);
}

void read_short(ShortSurvey& survey, const pg::Connection& connection, const pg::Row& row)
{
    survey.version = row.text("version");
    survey.role = row.text("role");
    survey.managed_roles = row.text("managed_roles");
    survey.address = connection.server_address();
    survey.is_standby = row.is_true("is_standby");
    survey.has_citus = row.is_true("has_citus");
    survey.is_read_only = row.is_true("is_read_only");
    survey.is_behind_pooler = row.number("backend_pid") != connection.backend_pid();
    survey.dialed = connection.info().database();
    survey.answered = row.text("session_database");
    survey.exists = row["oid"].has_value();
    survey.oid = row.text("oid");
    survey.owner = row.text("owner");
    survey.is_owner = row.is_true("is_owner");
    survey.comment = parse_comment(row.text("comment"));
    survey.identity = row.text("server_identity");
    survey.now = row.text("now");
}

void read_rest(Survey& survey, const pg::Row& row)
{
    survey.may_create = row.is_true("may_create");
    survey.may_make_for_owner = row.is_true("may_make_for_owner");
    survey.owner_acts_as_us = row.is_true("owner_acts_as_us");
    survey.is_valid = row.is_true("is_valid");
    if (row["size"]) {
        survey.size = static_cast<std::size_t>(row.number("size"));
    }
    survey.prepared_transactions = row.text("prepared_transactions");
    survey.replication_slots = row.text("replication_slots");
    survey.subscriptions = row.text("subscriptions");
    survey.may_lose_rights = row.is_true("may_lose_rights");
    survey.sessions = row.text("sessions");
    survey.fresh_locale = row.text("fresh_locale");
    survey.locale =
        row["locale"] && !row.text("locale").empty() ? row.text("locale") : survey.fresh_locale;
    survey.tablespace = row.text("tablespace");
    survey.roles = row.text("roles");
    if (row["settings"]) {
        survey.settings =
            nlohmann::json::parse(row.text("settings")).get<std::vector<std::string>>();
    }
    survey.standbys = row.text("standbys");
}

void read_copies_of(Survey& survey, const pg::Result& rows)
{
    for (Copy& copy : read_copies(rows, {survey.database, survey.oid, survey.identity})) {
        (copy.claim == Claim::ours ? survey.copies : survey.others).push_back(std::move(copy));
    }
}

/// The name to look for: none where this session was opened for it, whatever it led to.
std::optional<std::string> looked_for(const pg::Connection& connection, const std::string& database)
{
    return connection.info().database() == database ? std::nullopt
                                                    : std::optional<std::string>(database);
}

/// The survey's queries, and others behind them.
std::vector<pg::Result> ask_all(pg::Connection& connection, const std::string& database,
                                const std::vector<pg::BoundStatement>& others,
                                const std::optional<std::set<std::string>>& role_names = {})
{
    const std::array<std::optional<std::string>, 1> values = {looked_for(connection, database)};
    const std::array<std::optional<std::string>, 2> with_roles = {
        values.front(),
        role_names ? std::optional(nlohmann::json(*role_names).dump(-1, ' ', false, lenient))
                   : std::nullopt};
    constexpr bool with_sizes = true;
    const CopiesQuery copies(database, with_sizes);
    std::vector<pg::BoundStatement> all = {{queries::short_survey, values},
                                           {queries::replacement_survey, with_roles},
                                           copies.statement()};
    all.insert(all.end(), others.begin(), others.end());
    return ask(connection, std::move(all));
}

Survey read_survey(const pg::Connection& connection, const std::string& database,
                   const std::vector<pg::Result>& results)
{
    Survey survey;
    survey.database = database;
    read_short(survey, connection, results.at(0)[0]);
    read_rest(survey, results.at(1)[0]);
    read_copies_of(survey, results.at(2));
    return survey;
}

} // namespace

const Marker* ShortSurvey::marker() const
{
    const auto last =
        std::find_if(comment.marks.rbegin(), comment.marks.rend(),
                     [&](const Marker& mark) { return is_written_for(mark, identity, oid); });
    return last == comment.marks.rend() ? nullptr : &*last;
}

ShortSurvey take_short_survey(pg::Connection& connection, const std::string& database)
{
    const std::array<std::optional<std::string>, 1> values = {looked_for(connection, database)};
    const auto results = ask(connection, {{queries::short_survey, values}});
    ShortSurvey survey;
    survey.database = database;
    read_short(survey, connection, results.at(0)[0]);
    return survey;
}

Survey take_survey(pg::Connection& connection, const std::string& database,
                   const std::optional<std::set<std::string>>& role_names)
{
    return read_survey(connection, database, ask_all(connection, database, {}, role_names));
}

SurveyWithin take_survey_within(pg::Connection& connection, const std::string& database)
{
    const auto results = ask_all(connection, database, {{queries::table_rows, {}}});
    return {read_survey(connection, database, results), table_rows_in(results.at(3))};
}

Surveyor::Surveyor(pg::Connection& connection, const std::string& database, Extent extent)
    : m_connection(connection)
{
    if (extent == Extent::whole) {
        m_whole = take_survey(connection, database);
    } else {
        m_short = take_short_survey(connection, database);
    }
}

const Survey& Surveyor::whole()
{
    if (!m_whole) {
        m_whole = take_survey(m_connection, m_short.database);
    }
    return *m_whole;
}

void require_supported(const pg::Connection& connection)
{
    const std::string version = connection.parameter("server_version");
    const auto refuse_server = [&](const std::string& what) {
        throw pg::ConnectError(
            fmt::format("cannot work with {}: {}", connection.info().server_text(), what),
            "crudctl works with PostgreSQL 14 and newer", "", pg::Outlook::final);
    };
    if (!connection.parameter("crdb_version").empty()) {
        refuse_server("it is CockroachDB, not PostgreSQL");
    }
    if (version.find("bouncer") != std::string::npos) {
        refuse_server("it is PgBouncer's own console, not a database");
    }
    if (connection.server_version() < oldest_supported) {
        refuse_server(fmt::format("it says that it is PostgreSQL {}",
                                  version.empty() ? "of no version" : version));
    }
}

void require_primary(const ShortSurvey& survey)
{
    if (survey.is_standby) {
        throw Error(ExitCode::connection, "the server is a standby: nothing can be changed there",
                    "point the profile at the primary");
    }
    if (survey.is_read_only) {
        throw Error(ExitCode::connection,
                    "the server only takes read-only transactions (default_transaction_read_only)",
                    "ask who set it, or point the profile at another server");
    }
}

void require_same_name(const ShortSurvey& survey)
{
    if (survey.answered != survey.dialed) {
        refuse(
            fmt::format("\"{}\" leads to database \"{}\": a pooler's alias, or a server that has "
                        "one database for all names; nothing was changed",
                        survey.dialed, survey.answered),
            "point the profile at the server itself, and name the database as it is called "
            "there");
    }
}

void require_own_session(const ShortSurvey& survey)
{
    if (survey.is_behind_pooler) {
        throw Error(ExitCode::connection,
                    "a connection pooler stands between crudctl and the server: locks and session "
                    "settings would land in somebody else's session",
                    "point the profile at the server itself, not at the pooler");
    }
}

void require_creatable(const Survey& survey)
{
    if (!survey.may_create) {
        refuse(fmt::format("role \"{}\" may not create databases", survey.role),
               fmt::format("as an administrator: ALTER ROLE \"{}\" CREATEDB", survey.role));
    }
    if (survey.exists && survey.is_owner && !survey.may_make_for_owner) {
        refuse(fmt::format("role \"{}\" may not make a database of \"{}\", who owns \"{}\"",
                           survey.role, survey.owner, survey.database),
               fmt::format("as an administrator: GRANT \"{}\" TO \"{}\" WITH SET TRUE",
                           survey.owner, survey.role));
    }
}

void require_valid(const Survey& survey)
{
    if (survey.exists && !survey.is_valid) {
        refuse(fmt::format("database \"{}\" is what an interrupted DROP DATABASE left: nobody can "
                           "connect to it, and nothing would bring it back",
                           survey.database),
               "crudctl drop drops the rest of it");
    }
}

void require_droppable(const Survey& survey)
{
    if (!survey.exists) {
        return;
    }
    if (!survey.is_owner) {
        refuse(
            fmt::format("role \"{}\" does not own database \"{}\" (\"{}\" does)", survey.role,
                        survey.database, survey.owner),
            fmt::format("as an administrator: GRANT \"{}\" TO \"{}\"", survey.owner, survey.role));
    }
    if (!survey.prepared_transactions.empty()) {
        refuse(fmt::format("database \"{}\" has prepared transactions: {}", survey.database,
                           survey.prepared_transactions),
               "COMMIT PREPARED or ROLLBACK PREPARED ends them");
    }
    if (!survey.replication_slots.empty()) {
        refuse(fmt::format("replication slots read from database \"{}\": {}", survey.database,
                           survey.replication_slots),
               "whoever reads from them would be cut off; drop the slots first if nobody does");
    }
    if (!survey.subscriptions.empty()) {
        refuse(fmt::format("database \"{}\" subscribes to publications: {}", survey.database,
                           survey.subscriptions),
               "the subscriptions would go on writing into the old one; DROP SUBSCRIPTION first");
    }
}

void require_renamable(const Survey& survey)
{
    if (!survey.may_create) {
        refuse(fmt::format("role \"{}\" may not rename databases, and \"{}\" would be set aside "
                           "by that; nothing was changed",
                           survey.role, survey.database),
               fmt::format("as an administrator: ALTER ROLE \"{}\" CREATEDB", survey.role));
    }
}

void require_room(const Survey& survey)
{
    if (survey.room && survey.size && *survey.size > *survey.room) {
        refuse(fmt::format("a copy of database \"{}\" takes {}, and the server's disk has {} left",
                           survey.database, size_text(*survey.size), size_text(*survey.room)),
               "crudctl copies shows what could go: copies --prune, copies --delete");
    }
}

} // namespace crudctl::database
