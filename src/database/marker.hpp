#pragma once

#include "pg/connection.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::database {

/// What a database that bears a target's name with an addition is there for.
enum class StandInKind {
    next,     // being built; whoever finds it under the lock may drop it
    previous, // set aside by what replaced or dropped it; undo brings it back
    saved,    // by `save NAME`
    schema,   // with the schema alone, for the next build to start from
    seeded,   // the same with the seeds
    dropping, // about to be dropped; the next run finishes that, or undo brings it back
};
std::string_view kind_name(StandInKind kind);

/// Whose stand-in a database is, and since when.
struct StandIn {
    StandInKind kind = StandInKind::next;
    std::string target;
    std::string label; // saved: its name; schema, seeded: what from; dropping: its kind before
    std::string at;    // UTC, 2026-11-24T09:15:00.123Z
    std::string by;    // the command
    bool is_protected = false;
    std::string name = {};    // its own: after a rename by hand it is somebody's database
    std::string builder = {}; // next: process id and start of the session that builds it
};

/// In a marker for a database that doesn't exist yet: put_line_sql() writes its OID, and the
/// process id and the start of the session that runs it.
inline constexpr std::string_view own_oid = "@oid";
inline constexpr std::string_view own_session = "@session";

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

/// Who said what a database is. The word of a run is given only to what crudctl created, or raises
/// to prod what a protected profile reaches; markers of version 0.1.0 don't tell.
enum class SaidBy { untold, run, person };

/// "person", "run"; empty where nobody told.
std::string_view speaker_name(SaidBy speaker);

/// What crudctl knows about a database and keeps with it: a line of JSON at the end of its comment,
/// where every session on the server can read it.
struct Marker {
    std::string environment; // "prod", "staging", "dev"; empty: nobody said
    SaidBy said_by = SaidBy::untold;
    bool allows_plan_ids = false;      // a person at a terminal lets scripts confirm by a plan's id
    std::vector<std::string> used_ids; // that could still be valid otherwise
    // Which database this was written for. A copy by dump and restore has another one.
    std::string server; // system_identifier; empty where the role may not read it
    std::string oid;
    std::optional<Build> built;
    std::map<std::string, std::string> seeds; // file as shown → hash of what was loaded
    /// Files that a run began to load without a transaction of crudctl's; empty once it has ended.
    std::string loading;
    std::optional<Freeze> freeze;
    std::optional<StandIn> stand_in;
};

/// A comment: what the user wrote, and the marker, which is a line that begins with `crudctl: {`.
/// The last such line counts as ours, but what protects does so wherever it stands, and for
/// whichever database it was written: a dump, a clone and an upgraded server bring it along.
struct Comment {
    std::string text;
    std::optional<Marker> marker;
    bool is_marker_broken = false; // a line of ours that cannot be read: nobody knows what it said
    bool says_prod = false;        // one of the lines does, or one that a person typed alike
    std::vector<Marker> marks;     // all that can be read, in their order
};
Comment parse_comment(std::string_view comment);

/// Whether what it says, or may have said, protects the database, whichever it was written for.
bool protects(const Comment& comment);

/// Whether somebody, or a run that may, said that the database is something else than prod.
bool is_said_harmless(const Marker& marker);

/// The marker's line. ASCII alone: every database of the server reads it, whatever its encoding.
std::string to_line(const Marker& marker);

/// The same but for the ids of plans that were used.
std::string to_line_without_ids(Marker marker);

/// Whether the marker was written for this database on this server. A server's identity that one
/// side doesn't know is taken to fit.
bool is_written_for(const Marker& marker, std::string_view server, std::string_view oid);

/// SQL that puts the marker's line (empty: takes it away) at the end of a database's comment in
/// place of every such line, and leaves what the user wrote.
std::string put_line_sql(const pg::Connection& connection, const std::string& database,
                         const std::string& line);

/// SQL for the beginning of a transaction that is to change which seeds the marker remembers: one
/// such transaction waits for the other, and fails with sqlstate::other_load where the database at
/// hand, which has that OID, remembers others by then than this marker line.
std::string require_seeds_sql(const pg::Connection& connection, const std::string& oid,
                              const std::string& line);

/// Takes the lock of such transactions for as long as the session lives; false where another has
/// it. For files that have transactions of their own. Behind a transaction pooler there is no such
/// lock. Throws ServerError.
bool try_files_lock(pg::Connection& connection, const std::string& oid);
/// Whether a session has it. The connection's database is the one with that OID.
bool is_being_loaded(pg::Connection& connection, const std::string& oid);

} // namespace crudctl::database
