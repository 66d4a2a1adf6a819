#pragma once

#include "script/script_file.hpp"

#include <chrono>
#include <memory>
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
};

/// Ends the sessions on a database and drops it.
struct DropDatabase {
    std::string name;
};

/// Makes an empty database beside the target, to be filled before it takes the target's name.
struct BuildAside {
    std::string target;
    std::string owner; // of the database that it replaces; empty where there is none
};

enum class ScriptKind { schema, seeds };

/// Runs SQL files in the target or in what is being built aside; all or nothing, unless the
/// script's settings say that there is no transaction.
struct LoadScripts {
    ScriptKind kind = ScriptKind::schema;
    std::shared_ptr<const script::Script> script; // already read and found fit
    std::chrono::seconds lock_timeout{0};         // 0: forever
    bool ignores_unknown_settings = false;
    script::CsvMode csv_mode = script::CsvMode::insert;
    std::string csv_constraint; // of an upsert; empty: the primary key
};

/// Lets psql itself run SQL files in one transaction.
struct RunPsql {
    ScriptKind kind = ScriptKind::schema;
    std::vector<script::ScriptFile> files;
    std::vector<std::string> variables; // NAME=VALUE
};

/// Each query must give one row with one true column.
struct RunChecks {
    std::vector<std::string> queries;
};

/// Gives what was built aside the target's name; the old one must still have this OID (empty:
/// none).
struct TakeName {
    std::string target;
    std::string expected_oid;
};

/// Drops what stood in the target's place before.
struct DropReplaced {
    std::string target;
};

using Step = std::variant<CreateDatabase, DropDatabase, BuildAside, LoadScripts, RunPsql, RunChecks,
                          TakeName, DropReplaced>;

/// The step in one line, e.g. `create database "cruddur"`.
std::string describe(const Step& step);

/// What a command is about to do, as plain data: printed, judged, run and reported from here.
struct Plan {
    std::string id; // short; empty where it has none
    std::string command;
    std::string target_text; // the target line
    std::string profile;
    std::string database;
    Effect effect = Effect::reads;
    /// What --dry-run would have had to do before it could look: start the project's own server.
    std::vector<std::string> preparations;
    std::vector<Step> steps;
    std::vector<std::string> losses; // what will not be there any more, with its size
    bool undo_reaches = false;
};

/// For people.
std::string to_text(const Plan& plan);
/// For programs: {"command", "target", "profile", "database", "effect", "steps", "destroys",
/// "undo"}.
std::string to_json(const Plan& plan);

} // namespace crudctl::plan
