#include "database/removal.hpp"

#include "database/database.hpp"
#include "database/name.hpp"
#include "database/swap.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

enum class WithSessions { ended, left };

/// A transaction that moves the judged database out of everybody's way, or does nothing.
std::string rename_sql(const pg::Connection& connection, const Removal& removal,
                       const Marker& marker, WithSessions sessions)
{
    const std::string unused = sessions == WithSessions::ended
                                   ? ""
                                   : fmt::format(R"(
    if exists (select from pg_catalog.pg_stat_get_activity(null) a
                where a.datid = {} and a.usesysid is not null) then
        raise exception 'database in use' using errcode = '{}';
    end if;)",
                                                 removal.oid, pg::sqlstate::object_in_use);
    // A template can't be dropped.
    const std::string no_template =
        fmt::format("if (select datistemplate from pg_catalog.pg_database where oid = {}) then "
                    "execute {}; end if;\n",
                    removal.oid,
                    connection.literal(fmt::format("alter database {} is_template false",
                                                   connection.quoted(removal.name))));
    const std::string rename = fmt::format(
        "{}\n{}{}", unused, no_template,
        rename_checked_sql(connection, removal.name, removal.oid, marker.stand_in->name));
    return "set local lock_timeout = '5s'; set local statement_timeout = '15s';\n" +
           block_sql(connection, rename) + "\n" +
           put_line_sql(connection, marker.stand_in->name, to_line(marker));
}

std::string drop_sql(const Permit& permit, const pg::Connection& connection,
                     const std::string& name, WithSessions sessions)
{
    return fmt::format("{}drop database {}{}", permit.tag(), connection.quoted(name),
                       sessions == WithSessions::ended ? " with (force)" : "");
}

/// By its name alone, which may be another one's by then.
Removed drop_unbound(const Permit& permit, pg::Connection& maintenance, const Removal& removal,
                     WithSessions sessions)
{
    if (oid_of(maintenance, removal.name) != removal.oid) {
        return Removed::gone;
    }
    maintenance.exec(drop_sql(permit, maintenance, removal.name, sessions));
    return Removed::not_bound;
}

Removed remove(const Permit& permit, pg::Connection& maintenance, const Removal& removal,
               WithSessions sessions, const std::function<void()>& end_sessions)
{
    Marker marker = removal.marker;
    const std::string name = drop_name(marker.stand_in->target);
    marker.stand_in->name = name;
    try {
        maintenance.start_script(permit.tag() + rename_sql(maintenance, removal, marker, sessions));
        finish_against_sessions(maintenance, end_sessions);
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() == pg::sqlstate::missing_database) {
            return Removed::gone;
        }
        if (error.sqlstate() == pg::sqlstate::object_in_use && sessions == WithSessions::left) {
            return Removed::in_use;
        }
        if (error.sqlstate() != pg::sqlstate::insufficient_privilege) {
            throw;
        }
        return drop_unbound(permit, maintenance, removal, sessions);
    }
    maintenance.exec(drop_sql(permit, maintenance, name, sessions));
    return Removed::bound;
}

} // namespace

Marker doomed_marker(Marker marker, const std::string& target, const std::string& at,
                     const std::string& by)
{
    StandIn doomed = marker.stand_in.value_or(
        StandIn{StandInKind::previous, target, "", at, by, marker.environment == "prod"});
    if (doomed.kind != StandInKind::dropping) { // else a run was killed here, and another goes on
        doomed.label = kind_name(doomed.kind);
        doomed.kind = StandInKind::dropping;
    }
    doomed.builder.clear();
    marker.stand_in = std::move(doomed);
    return marker;
}

Removed remove_database(const Permit& permit, pg::Connection& maintenance, const Removal& removal,
                        const std::function<void()>& end_sessions)
{
    return remove(permit, maintenance, removal, WithSessions::ended, end_sessions);
}

Removed remove_unused_database(const Permit& permit, pg::Connection& maintenance,
                               const Removal& removal)
{
    return remove(permit, maintenance, removal, WithSessions::left, [] {});
}

} // namespace crudctl::database
