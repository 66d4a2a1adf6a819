#pragma once

#include "database/copies.hpp"
#include "database/marker.hpp"
#include "script/reader/script_file.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace crudctl::plan {

/// What a command may do to what is there; it decides what the guard asks.
enum class Effect {
    reads,
    adds,
    disrupts,  // ends sessions, stops the server
    destroys,  // a database's content
    past_undo, // beyond what any copy could bring back
};
std::string_view effect_name(Effect effect);

// The steps, as data: --dry-run prints them, the executor runs them.

/// Makes an empty database under its own name.
struct CreateDatabase {
    std::string name;
    database::Marker marker;
};

/// Ends the sessions on a database and drops it, for good.
struct DropDatabase {
    std::string name;
    std::string oid;
    database::Marker marker; // that it has
};

/// Takes the lock of everybody who replaces the target, and makes sure that it is still what the
/// plan was made for. Whatever changes the target's name or makes something beside it comes after.
struct LockTarget {
    std::string target;
    std::string expected_oid; // empty: there is none
    std::optional<database::Marker> expected_marker;
    std::string attributes_of; // the database that what is built is like; empty: the target
    /// What killed runs left unfinished, and is dropped if it still is as it was judged.
    std::vector<database::Copy> left_overs;
};

/// Makes a database beside the target, to be filled before it gets a name that lasts. Whatever
/// fails until then, it is dropped again.
struct BuildAside {
    std::string target;
    std::string copy_of; // a database of ours, or the target itself; empty: an empty one
    std::string copied_oid;
};

enum class ScriptKind { schema, seeds };

/// What comes before the files, in their transaction.
enum class LoadedAfter {
    nothing,
    emptying,    // what this role owns there is dropped
    found_empty, // there is anything: nothing is loaded
};

/// Writes a database's marker, which holds its OID.
struct WriteMarker {
    std::string database;
    database::Marker marker;
    std::map<std::string, std::string> former_seeds; // what it keeps of files that are skipped
    /// Files that it remembers as loaded seeds.
    std::shared_ptr<const script::Script> seeds;
    /// What the marker says of files that are in doubt without this run. It says more of those that
    /// are about to be loaded, and this again where they change nothing.
    std::string former_loading = {};

    bool begins_to_load() const { return marker.loading != former_loading; }
};

/// Runs SQL files in the target or in what is being built aside; all or nothing, unless the
/// script's settings say that there is no transaction.
struct LoadScripts {
    ScriptKind kind = ScriptKind::schema;
    std::shared_ptr<const script::Script> script; // already read and found fit
    std::chrono::seconds lock_timeout{0};         // 0: forever
    bool ignores_unknown_settings = false;
    script::CsvMode csv_mode = script::CsvMode::insert;
    std::string csv_constraint; // of an upsert; empty: the primary key
    std::size_t jobs = 1;       // connections that CSV files may be loaded over
    LoadedAfter after = LoadedAfter::nothing;
    /// Behind an emptying: nothing is done where the files don't make again what it dropped.
    bool must_remake_all = false;
    bool must_keep_grants = false;   // the same for what roles may do
    std::vector<std::string> checks; // as RunChecks, before the commit
    bool counts_rows = false;        // that are there then
    /// Written in the transaction of the files, so that it can't tell of what didn't happen.
    std::optional<WriteMarker> marker;
};

/// Lets psql itself run SQL files in one transaction.
struct RunPsql {
    ScriptKind kind = ScriptKind::schema;
    std::vector<script::ScriptFile> files;
    std::vector<std::string> digests;    // of the files with what they include, as FileOutline's
    std::vector<std::string> variables;  // NAME=VALUE
    bool are_files_known = false;        // false: what psql would read besides cannot be told
    std::vector<std::string> seeds = {}; // the digests as the marker remembers them
};

/// Lets a program of the project's make the schema or the seeds in what is being built aside, or in
/// an empty target. It is told by its environment where that is.
struct RunProgram {
    ScriptKind kind = ScriptKind::schema;
    std::vector<std::string> argv;
    std::string inputs = {}; // a digest of the files that it reads; empty: they are not known
};

/// Each query must give one row with one true column.
struct RunChecks {
    std::vector<std::string> queries;
};

/// Keeps a copy of what was built so far as a start for the next build, where loading it took long
/// enough to be worth that.
struct CacheBuild {
    std::string name;
    database::Marker marker; // its label is completed with the extensions
};

/// Compares what was built aside with the target, and tells what would be lost.
struct CompareContent {
    enum class LostGrants {
        refused,  // they end the run, and so does what keeps from comparing
        accepted, // somebody said so
        told,     // on a target that nobody protects: no reason to end the run, and nothing is
    };
    LostGrants lost_grants = LostGrants::refused;
};

/// Gives the target's name to what was built aside, or to a copy; the old one is set aside.
struct TakeName {
    std::string target;
    std::optional<database::Copy> copy;
    database::Marker marker;  // of the new one; its OID is filled in
    bool counts_rows = false; // that are in it, for the report; unless the last load did
};

/// Takes the target's name from it; nothing has the name then.
struct SetAside {
    std::string target;
};

/// Lets what was built aside stay under this name.
struct KeepAs {
    std::string name;
    database::Marker marker;
};

/// Drops stand-ins for good. One with sessions stays, unless somebody named it.
struct DropCopies {
    std::vector<database::Copy> copies;
    bool ends_sessions = false;
};

/// Something that another service than the server is asked for, in words: to make an instance, to
/// take a snapshot of it.
struct ServiceCall {
    std::string text;
};

/// Runs a named query in the target, as a transaction of its own.
struct RunQuery {
    std::string file;                               // as shown
    std::string text;                               // of the file
    std::vector<std::optional<std::string>> values; // that are bound to it
};

using Step = std::variant<CreateDatabase, DropDatabase, LockTarget, BuildAside, LoadScripts,
                          RunPsql, RunProgram, RunChecks, CompareContent, TakeName, SetAside,
                          KeepAs, CacheBuild, DropCopies, WriteMarker, ServiceCall, RunQuery>;

/// The step in one line, e.g. `create database "cruddur"`.
std::string describe(const Step& step);

/// What a command is about to do, as plain data: printed, judged, run and reported from here.
struct Plan {
    std::string command;
    std::string target_text; // the target line
    std::string profile;
    std::string database;
    Effect effect = Effect::reads;
    std::string now;             // the server's time, as markers have it
    std::string aside_at;        // the same for what is set aside: later than all copies
    std::string server_identity; // for markers
    std::string oid;             // of the target; empty where there is none
    std::string owner;           // the same
    std::string marker_line;     // of the target, as it was read but for the ids that were used
    bool is_protected = false;   // the target
    /// Whether --confirm may carry the plan's id in place of a person: the profile says so, and the
    /// target's mark, which this role may write.
    bool takes_id = false;
    std::chrono::seconds id_lifetime{0};
    std::vector<std::string> used_ids; // as the target's marker has them
    /// What --dry-run would have had to do before it could look: start the project's own server.
    std::vector<std::string> preparations;
    std::vector<Step> steps;
    std::vector<std::string> losses;       // what will not be there any more, with its size
    bool undo_reaches = false;             // `crudctl undo` brings the losses back
    std::vector<std::string> outside_oids; // of the other databases that files name and may reach
    std::vector<std::string> deletions;    // copies that go for good, undo or not
    std::vector<std::string> left_alone;   // what would go, and why it stays
    std::vector<std::string> kept; // of the old database, where a fresh one would have it otherwise
    /// Copies that are used though not everything says that they are crudctl's: each is confirmed
    /// by its full name.
    std::vector<database::Copy> unproven;
};

/// What has to be typed for it: it names the database and where it is, so that no copied command
/// line for another one fits.
std::string phrase_of(const Plan& plan);

/// A program with its arguments, for people: "bin/rails db:schema:load".
std::string command_of(const RunProgram& step);

/// The SQL files of a step that loads some, for people; empty for any other.
std::string files_text(const Step& step);

/// Whether undo reaches what is lost, for people.
std::string undo_text(const Plan& plan);

/// For people.
std::string to_text(const Plan& plan);
/// For programs: {"command", "target", "profile", "database", "effect", "steps", "destroys",
/// "undo", "kept", "deletes_for_good", "left_alone", "outside", "unproven", "plan_id", "confirm"}.
std::string to_json(const Plan& plan);

/// What the plan's files do outside of their database, each statement once. Throws
/// Error(configuration) where a file that psql is to run can't be read.
std::vector<script::OutsideStatement> outside_statements(const Plan& plan);

} // namespace crudctl::plan
