#pragma once

#include "operation/context.hpp"
#include "operation/script_options.hpp"
#include "plan/plan.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::commands {

/// --set, --via and --ignore-unknown-settings.
void declare_script_options(CLI::App& command, ScriptOptions& options);
/// The same, and what only a database that is in use needs: --file, --no-transaction,
/// --lock-timeout.
void declare_live_script_options(CLI::App& command, std::vector<std::string>& files,
                                 ScriptOptions& options);

/// What a command loads, and how.
struct ScriptRequest {
    plan::ScriptKind kind = plan::ScriptKind::schema;
    std::vector<std::string> named = {}; // on the command line; empty: those that are listed
    ScriptOptions options = {};
    bool is_aside = false; // into a database that nobody uses yet
    bool again = false;    // seeds that were loaded before and are unchanged, too
    std::vector<std::filesystem::path> listed = {}; // empty: all of the project's for this kind
    bool takes_files = false;                       // the command has --file
    /// As script::ScriptSettings has it.
    std::shared_ptr<const script::LoadTimeScan> own_name = nullptr;
};

/// The step that loads the files, read and found fit; psql's are not read. Throws
/// Error(configuration) where there is none or one cannot be read, script::ScriptError. Files that
/// are refused are shown to the server's parser first, where there is a server.
plan::Step script_step(Context& context, const ScriptRequest& request);
/// The same without asking a server: to know what is in the files.
plan::Step unexplained_script_step(const Context& context, const ScriptRequest& request);

/// Schema and seeds, or the schema alone, as one step and in one transaction on a live database.
/// Throws as script_step() does, and Error(usage) for --via psql.
plan::LoadScripts whole_project(Context& context, const ScriptOptions& options, bool has_seeds);

/// File as shown and digest, of what a step loads: what a marker remembers of seeds.
std::map<std::string, std::string> digests_of(const plan::Step& step);

} // namespace crudctl::commands
