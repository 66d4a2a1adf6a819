#pragma once

#include "pg/connection.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::database {

/// What a database that bears a target's name with an addition is there for.
enum class StandInKind {
    next,     // being built; whoever finds it under the lock may drop it
    previous, // set aside by what replaced or dropped it; undo brings it back
    saved,    // by `save NAME`
    schema,   // with the schema alone, for the next build to start from
    seeded,   // the same with the seeds
};
std::string_view kind_name(StandInKind kind);

/// Whose stand-in a database is, and since when.
struct StandIn {
    StandInKind kind = StandInKind::next;
    std::string target;
    std::string label; // saved: its name; schema, seeded: what it was built from
    std::string at;    // UTC, 2026-11-24T09:15:00.123Z
    std::string by;    // the command
    bool is_protected = false;
};

/// Which files a database was built from, by whom and when.
struct Build {
    std::string at;
    std::string by;  // user@host
    std::string git; // commit of the project
    std::string files;
};

/// Nobody is to destroy the database, until a time or for good.
struct Freeze {
    std::string reason;
    std::string by;
    std::string until; // UTC; empty: for good
};

/// `by andrew@mac: release, until 2026-11-24 18:00:00`.
std::string describe(const Freeze& freeze);
/// Whether it still holds at a time, as markers have it.
bool holds(const Freeze& freeze, std::string_view now);

/// What crudctl knows about a database and keeps with it: a line of JSON at the end of its comment,
/// where every session on the server can read it.
struct Marker {
    std::string environment; // "prod", "staging", "dev"; empty: nobody said
    // Which database this was written for. A copy by dump and restore has another one.
    std::string server; // system_identifier; empty where the role may not read it
    std::string oid;
    std::optional<Build> built;
    std::map<std::string, std::string> seeds; // file as shown → hash of what was loaded
    std::optional<Freeze> freeze;
    std::optional<StandIn> stand_in;
};

/// A comment: what the user wrote, and the marker below.
struct Comment {
    std::string text;
    std::optional<Marker> marker;
    bool is_marker_broken = false; // a line of ours that cannot be read: nobody knows what it said
};
Comment parse_comment(std::string_view comment);

/// The marker's line. ASCII alone: every database of the server reads it, whatever its encoding.
std::string to_line(const Marker& marker);

/// Whether the marker was written for this database on this server. A server's identity that one
/// side doesn't know is taken to fit.
bool is_written_for(const Marker& marker, std::string_view server, std::string_view oid);

/// SQL that puts the marker's line (empty: takes it away) at the end of a database's comment, and
/// leaves what the user wrote.
std::string put_line_sql(const pg::Connection& connection, const std::string& database,
                         const std::string& line);

} // namespace crudctl::database
