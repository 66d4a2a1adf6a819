#include "operation/script_steps.hpp"

#include "operation/rds_backup.hpp"
#include "operation/target.hpp"
#include "script/csv/file.hpp"
#include "script/source/file_digest.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

void take_via(const std::string& word, ScriptOptions& options)
{
    if (word != "psql") {
        throw Error(ExitCode::usage, fmt::format("--via \"{}\" is not known", word),
                    "--via psql lets psql itself run the files");
    }
    options.uses_psql = true;
}

void require_fitting(const ScriptOptions& options)
{
    if (options.uses_psql && (!options.has_transaction || options.ignores_unknown_settings)) {
        throw Error(ExitCode::usage, "--via psql loads in one transaction, and all of it",
                    "leave out --no-transaction and --ignore-unknown-settings");
    }
    if (options.uses_psql && options.jobs > 1) {
        throw Error(ExitCode::usage, "--via psql loads one file behind the other",
                    "leave out --jobs");
    }
}

void require_sql(const std::vector<script::ScriptFile>& files)
{
    for (const script::ScriptFile& file : files) {
        if (script::has_csv_name(file.path)) {
            throw Error(ExitCode::usage,
                        fmt::format("\"{}\" is no SQL for psql to run", printable(file.shown)),
                        "leave out --via psql: crudctl loads it itself");
        }
    }
}

std::vector<std::string> digests_of(const std::vector<script::ScriptFile>& files)
{
    std::vector<std::string> digests;
    std::ranges::transform(files, std::back_inserter(digests), [](const script::ScriptFile& file) {
        return script::digest_of(std::make_shared<const script::SourceFile>(file)).hex();
    });
    return digests;
}

std::vector<script::ScriptFile> files_of(const Context& context, const ScriptRequest& request)
{
    const config::Project& project = context.settings.project();
    const bool is_schema = request.kind == plan::ScriptKind::schema;
    std::vector<script::ScriptFile> files;
    for (const std::string& name : request.named) {
        files.push_back(script::ScriptFile::below(project.root, std::filesystem::absolute(name)));
    }
    if (files.empty()) {
        for (const std::filesystem::path& path : is_schema ? project.schema : project.seeds) {
            files.push_back(script::ScriptFile::below(project.root, path));
        }
    }
    if (files.empty()) {
        throw Error(ExitCode::configuration, "there is no file to load",
                    fmt::format("name one with --file, or as {} in crudctl.toml",
                                is_schema ? "project.schema" : "project.seeds"));
    }
    return files;
}

/// psql's own, and those of --set.
script::Variables variables_of(const pg::ConnInfo& info, const ScriptOptions& options)
{
    script::Variables variables;
    variables.set("DBNAME", info.database());
    variables.set("USER", info.user());
    for (const std::string& text : options.variables) {
        const std::size_t equals = text.find('=');
        const std::string name = text.substr(0, equals);
        if (equals == std::string::npos || !script::Variables::is_name(name)) {
            throw Error(ExitCode::usage,
                        fmt::format("--set \"{}\" is not NAME=VALUE", printable(name)),
                        "--set author=brown gives :author a value");
        }
        variables.set(name, text.substr(equals + 1));
    }
    return variables;
}

script::ScriptSettings settings_of(const Context& context, const ScriptRequest& request)
{
    const pg::ConnInfo info = context.settings.profile().conn_info;
    script::ScriptSettings settings;
    settings.mode = request.is_aside                  ? script::TransactionMode::one_each_file
                    : request.options.has_transaction ? script::TransactionMode::one
                                                      : script::TransactionMode::none;
    settings.database = info.database();
    settings.variables = variables_of(info, request.options);
    settings.looks_for_server_side = context.settings.profile().own_server;
    settings.root = context.settings.project().root;
    return settings;
}

/// Where an id may stand for the plan, the digests are of what the files include, too, as far as we
/// can follow them. psql looks in the working directory alone.
plan::RunPsql psql_step(const Context& context, const ScriptRequest& request,
                        const std::vector<script::ScriptFile>& files)
{
    plan::RunPsql step{request.kind, files, digests_of(files), request.options.variables};
    try {
        if (!context.settings.profile().confirms_by_plan) {
            return step;
        }
        script::ScriptSettings settings = settings_of(context, request);
        settings.root.clear();
        const script::Script script = script::read_script(files, settings);
        for (std::size_t i = 0; i < files.size(); ++i) {
            step.digests[i] += " " + script.files[i].digest.hex();
        }
        step.are_files_known = true;
    } catch (const Error& /*psql's own ways, or a file that cannot be read*/) {
        step.are_files_known = false;
    }
    return step;
}

} // namespace

void declare_script_options(CLI::App& command, ScriptOptions& options)
{
    command
        .add_option("--set", options.variables, "give psql's variable :NAME a value (repeatable)")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false);
    command
        .add_option_function<std::string>(
            "--via", [&options](const std::string& word) { take_via(word, options); },
            "psql: let psql itself run the files, in one transaction")
        ->type_name("PROGRAM");
    command.add_flag("--ignore-unknown-settings", options.ignores_unknown_settings,
                     "leave out each SET that this server does not know");
}

void declare_live_script_options(CLI::App& command, std::vector<std::string>& files,
                                 ScriptOptions& options)
{
    command.add_option("-f,--file", files, "load this file instead of the project's (repeatable)")
        ->type_name("FILE")
        ->allow_extra_args(false);
    declare_script_options(command, options);
    command.add_flag_callback(
        "--no-transaction", [&options] { options.has_transaction = false; },
        "each statement for itself; a failure leaves what ran before it");
    command
        .add_option_function<unsigned>(
            "--lock-timeout",
            [&options](unsigned seconds) { options.lock_timeout = std::chrono::seconds(seconds); },
            "how long a statement waits for a lock (default 10; 0: forever)")
        ->type_name("SECONDS");
    declare_snapshot_option(command, options.takes_snapshot);
    auto* copy = command.add_flag_callback(
        "--copy", [&options] { options.copy_first = CopyFirst::yes; },
        "set a copy aside before a file that destroys, however large");
    command
        .add_flag_callback(
            "--no-copy", [&options] { options.copy_first = CopyFirst::no; },
            "no copy: undo does not bring back what the file destroys")
        ->excludes(copy);
}

plan::LoadScripts whole_project(const Context& context, const ScriptOptions& options,
                                bool has_seeds)
{
    if (options.uses_psql) {
        throw Error(ExitCode::usage,
                    "what is loaded in one transaction with the checks psql cannot run",
                    "leave out --via psql");
    }
    const config::Project& project = context.settings.project();
    ScriptRequest request{plan::ScriptKind::schema, {}, options};
    std::vector<std::filesystem::path> paths = project.schema;
    if (has_seeds && !paths.empty()) { // without a schema there is nothing to load
        paths.insert(paths.end(), project.seeds.begin(), project.seeds.end());
    }
    std::ranges::transform(paths, std::back_inserter(request.named),
                           [](const std::filesystem::path& path) { return path.string(); });
    return std::get<plan::LoadScripts>(script_step(context, request));
}

std::map<std::string, std::string> digests_of(const plan::Step& step)
{
    std::map<std::string, std::string> digests;
    if (const auto* load = std::get_if<plan::LoadScripts>(&step)) {
        for (const script::FileOutline& file : load->script->files) {
            digests[file.source->shown()] = file.digest.hex();
        }
    }
    return digests;
}

plan::Step script_step(const Context& context, const ScriptRequest& request)
{
    require_fitting(request.options);
    const std::vector<script::ScriptFile> files = files_of(context, request);
    if (request.options.uses_psql) {
        require_sql(files);
        return psql_step(context, request, files);
    }
    plan::LoadScripts load;
    load.kind = request.kind;
    load.script = std::make_shared<const script::Script>(
        script::read_script(files, settings_of(context, request)));
    load.lock_timeout = request.is_aside ? std::chrono::seconds(0) : request.options.lock_timeout;
    load.ignores_unknown_settings = request.options.ignores_unknown_settings;
    load.csv_mode = request.options.csv_mode;
    load.csv_constraint = request.options.csv_constraint;
    load.jobs = request.options.jobs;
    return load;
}

} // namespace crudctl::commands
