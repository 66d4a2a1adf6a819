#pragma once

#include "commands/context.hpp"
#include "script/csv_seed.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

/// The whole tool on one page: each command's options, the function that declares them on the
/// command line, and the function that does it.
namespace crudctl::commands {

enum class Seeding { by_profile, yes, no };

struct ConnectOptions {
    bool write = false;
    std::vector<std::string> psql_arguments;
};
void add_connect(CLI::App& command, Invocation& chosen);
/// Becomes psql, so it returns only by throwing.
void run_connect(Context& context, const ConnectOptions& options);

struct CreateOptions {};
void add_create(CLI::App& command, Invocation& chosen);
void run_create(Context& context, const CreateOptions& options);

struct DropOptions {
    bool purges = false;         // drops for good instead of setting aside
    bool takes_snapshot = false; // of the RDS instance, first
};
void add_drop(CLI::App& command, Invocation& chosen);
void run_drop(Context& context, const DropOptions& options);

/// Whether a copy is set aside before files destroy something: automatic is where there is
/// something to lose and it isn't large.
enum class CopyFirst { automatic, yes, no };

/// How files are loaded.
struct ScriptOptions {
    std::vector<std::string> variables; // NAME=VALUE, for psql's :NAME
    bool uses_psql = false;
    bool has_transaction = true;
    bool ignores_unknown_settings = false;
    std::chrono::seconds lock_timeout{10};
    script::CsvMode csv_mode = script::CsvMode::insert;
    std::string csv_constraint;
    std::size_t jobs = 1; // connections for CSV files
    CopyFirst copy_first = CopyFirst::automatic;
    bool takes_snapshot = false; // of the RDS instance, first
};

struct HistoryOptions {
    bool all = false; // of every project
    std::size_t limit = 20;
};
void add_history(CLI::App& command, Invocation& chosen);
/// Needs no server.
void run_history(Context& context, const HistoryOptions& options);

struct SchemaLoadOptions {
    std::vector<std::string> files; // instead of the project's
    ScriptOptions script;
};
void add_schema_load(CLI::App& command, Invocation& chosen);
void run_schema_load(Context& context, const SchemaLoadOptions& options);

enum class RowsAs { table, csv, value };
struct QueryOptions {
    std::string name;
    std::vector<std::string> parameters; // KEY=VALUE
    std::vector<std::string> nulls;      // by name
    RowsAs rows_as = RowsAs::table;
    bool wants_one_row = false;
    bool writes = false; // may write on a protected profile, or by its functions
    bool lists = false;  // the project's queries, and runs none
};
void add_query(CLI::App& command, Invocation& chosen);
void run_query(Context& context, const QueryOptions& options);

struct SeedOptions {
    std::vector<std::string> files; // instead of the project's
    ScriptOptions script;
    bool again = false; // also what was loaded before and is unchanged
};
void add_seed(CLI::App& command, Invocation& chosen);
void run_seed(Context& context, const SeedOptions& options);

struct SessionsOptions {
    bool all = false; // of every database
};
void add_sessions(CLI::App& command, Invocation& chosen);
void run_sessions(Context& context, const SessionsOptions& options);

struct SetupOptions {
    Seeding seeding = Seeding::by_profile;
    ScriptOptions script;
    std::chrono::seconds lock_timeout{30};
    bool accepts_lost_grants = false;
    bool in_place = false; // in one transaction instead of aside
    bool rebuilds = false; // the schema, even if it was built before and is kept
};
void add_setup(CLI::App& command, Invocation& chosen);
void run_setup(Context& context, const SetupOptions& options);

struct EnsureOptions {
    ScriptOptions script;
    std::chrono::seconds budget{60}; // for the server to answer, and for other runs to end
};
void add_ensure(CLI::App& command, Invocation& chosen);
/// For whoever starts up: never destroys, never asks.
void run_ensure(Context& context, const EnsureOptions& options);

struct StatusOptions {};
void add_status(CLI::App& command, Invocation& chosen);
void run_status(Context& context, const StatusOptions& options);

struct DoctorOptions {};
void add_doctor(CLI::App& command, Invocation& chosen);
/// Changes and starts nothing, and needs no AWS. Throws Error where a step on the way fails, after
/// the report.
void run_doctor(Context& context, const DoctorOptions& options);

struct UndoOptions {
    std::string name;            // of a copy; empty: the newest that was set aside
    bool takes_snapshot = false; // of the RDS instance, first
};
void add_undo(CLI::App& command, Invocation& chosen);
void run_undo(Context& context, const UndoOptions& options);

struct SaveOptions {
    std::string name;
};
void add_save(CLI::App& command, Invocation& chosen);
void run_save(Context& context, const SaveOptions& options);

struct CopiesOptions {
    std::vector<std::string> deleted; // by name
    bool prunes = false;
    std::optional<std::chrono::seconds> older_than; // for pruning, instead of the newest three
};
void add_copies(CLI::App& command, Invocation& chosen);
void run_copies(Context& context, const CopiesOptions& options);

struct MarkOptions {
    std::string environment;           // to mark it as; empty: as it is
    std::optional<std::string> reason; // to lock it for
    std::string until;                 // of the lock, as it was typed
    bool unlocks = false;
};
void add_mark(CLI::App& command, Invocation& chosen);
void run_mark(Context& context, const MarkOptions& options);

enum class ServerAction { start, stop, status, logs, remove };
struct ServerOptions {
    ServerAction action = ServerAction::status;
    std::size_t lines = 50; // of the log
};
void add_server(CLI::App& command, Invocation& chosen);
void run_server(Context& context, const ServerOptions& options);

struct UrlOptions {
    bool show_password = false; // of a protected profile, too
};
void add_url(CLI::App& command, Invocation& chosen);
void run_url(Context& context, const UrlOptions& options);

struct UpdateSgRuleOptions {
    std::optional<std::string> address; // instead of the one that the internet sees
    bool checks = false;                // only looks, and ends with `differs` where it does
    bool best_effort = false;           // what fails is a warning
};
void add_update_sg_rule(CLI::App& command, Invocation& chosen);
/// Needs no server, and no database.
void run_update_sg_rule(Context& context, const UpdateSgRuleOptions& options);

enum class RdsAction { status, start, stop, create, remove };
struct RdsOptions {
    RdsAction action = RdsAction::status;
    bool has_final_snapshot = true; // of what is deleted
};
void add_rds(CLI::App& command, Invocation& chosen);
/// Needs no server, and no database.
void run_rds(Context& context, const RdsOptions& options);

enum class LambdaAction { serve, invoke, event, package };
struct LambdaOptions {
    LambdaAction action = LambdaAction::serve;
    std::string event_file;                    // of invoke
    std::string event_kind;                    // of event
    std::string output = "crudctl-lambda.zip"; // of package
};
void add_lambda(CLI::App& command, Invocation& chosen);
/// As the runtime of a function it returns only by throwing.
void run_lambda(Context& context, const LambdaOptions& options);
/// Runs what a function would do at the event in a file.
void run_lambda_invoke(Context& context, const LambdaOptions& options);
/// Prints an event to start from; needs no server, and no database.
void run_lambda_event(Context& context, const LambdaOptions& options);
/// Makes the zip that a function is deployed with; needs no server, and no database.
void run_lambda_package(Context& context, const LambdaOptions& options);

struct InitOptions {
    std::optional<std::string> hook; // its kind; empty: the one that is found
    bool prints = false;             // on stdout, and writes nothing
    bool overwrites = false;
};
void add_init(CLI::App& command, Invocation& chosen);
/// Needs no server, and no database.
void run_init(Context& context, const InitOptions& options);

struct ConfigOptions {};
void add_config(CLI::App& command, Invocation& chosen);
void run_config(Context& context, const ConfigOptions& options);

} // namespace crudctl::commands
