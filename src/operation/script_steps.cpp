#include "operation/script_steps.hpp"

#include "config/project/sql_files.hpp"
#include "operation/psql.hpp"
#include "operation/rds_backup.hpp"
#include "operation/target.hpp"
#include "script/csv/file.hpp"
#include "script/load/failure.hpp"
#include "script/source/file_digest.hpp"
#include "script/source/source_file.hpp"
#include "support/system/private_file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <variant>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr const char* standard_input = "-";
constexpr const char* seconds_to_parse = "2";

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
        if (is_stream(file.path)) {
            throw Error(
                ExitCode::usage,
                fmt::format("\"{}\" can be read only once: crudctl looks into a file before "
                            "psql runs it",
                            printable(file.shown)),
                "leave out --via psql: crudctl loads it itself");
        }
        if (script::has_csv_name(file.path) || file.path.extension() == ".gz") {
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

/// What -f names: a file, a pattern, a folder, a pipe, or `-`, the standard input.
void add_named(std::vector<script::ScriptFile>& files, const std::filesystem::path& root,
               const std::string& name)
{
    if (name == standard_input) {
        const auto is_input = [](const script::ScriptFile& file) {
            return file.path == standard_input;
        };
        if (std::ranges::any_of(files, is_input)) {
            throw Error(ExitCode::usage, "-f - is given twice, and can be read once");
        }
        files.push_back({name, "<stdin>", true});
        return;
    }
    for (const auto& path : script::files_named_by(std::filesystem::absolute(name))) {
        files.push_back(script::ScriptFile::below(root, path));
        files.back().may_be_stream = true;
    }
}

/// A folder stands for the files in it: where it is still there, it has none.
void require_files_in(const script::ScriptFile& file)
{
    std::error_code failure;
    if (std::filesystem::is_directory(file.path, failure) && !is_there(file.path / "toc.dat")) {
        throw Error(ExitCode::configuration,
                    fmt::format("there is no .sql or .csv file in \"{}\"", file.shown));
    }
}

[[noreturn]] void refuse_without_files(const Context& context, const ScriptRequest& request)
{
    const config::Project& project = context.settings.project();
    const bool is_schema = request.kind == plan::ScriptKind::schema;
    if (!project.config_file) {
        context.settings.profile(); // says so where this is no project's folder
    }
    const auto& command = is_schema ? project.schema_command : project.seed_command;
    if (!command.empty()) {
        throw Error(ExitCode::configuration,
                    fmt::format("a program makes the {}: {}", is_schema ? "schema" : "seeds",
                                printable(command.front())),
                    is_schema ? "crudctl setup runs it" : "crudctl setup --seed runs it");
    }
    const std::string named = request.takes_files ? "name a file with --file, or " : "";
    throw Error(ExitCode::configuration,
                is_schema
                    ? config::no_schema_text(project.root, project.schema_candidates)
                    : "no seeds found: no project.seeds in crudctl.toml, no seed.sql beside the "
                      "schema",
                fmt::format("{}set {} in crudctl.toml", named,
                            is_schema ? "project.schema" : "project.seeds"));
}

std::vector<script::ScriptFile> files_of(const Context& context, const ScriptRequest& request)
{
    const config::Project& project = context.settings.project();
    const bool is_schema = request.kind == plan::ScriptKind::schema;
    std::vector<script::ScriptFile> files;
    for (const std::string& name : request.named) {
        add_named(files, project.root, name);
    }
    if (files.empty()) {
        const auto& of_kind = is_schema ? project.schema : project.seeds;
        for (const auto& path : request.listed.empty() ? of_kind : request.listed) {
            files.push_back(script::ScriptFile::below(project.root, path));
        }
    }
    if (files.empty()) {
        refuse_without_files(context, request);
    }
    std::ranges::for_each(files, require_files_in);
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

/// As it is typed for the same target.
std::string loading_command(const Context& context, plan::ScriptKind kind)
{
    const config::Profile& profile = context.settings.profile();
    return fmt::format("crudctl {}{}{}", kind == plan::ScriptKind::schema ? "schema-load" : "seed",
                       profile.name_from_command_line ? " " + profile.name : "",
                       choice_text(context.options));
}

script::ScriptSettings settings_of(const Context& context, const ScriptRequest& request)
{
    const pg::ConnInfo info = context.settings.profile().conn_info;
    script::ScriptSettings settings;
    settings.mode = request.is_aside                  ? script::TransactionMode::one_each_file
                    : request.options.has_transaction ? script::TransactionMode::one
                                                      : script::TransactionMode::none;
    // What builds or fills a database as a whole has no such option.
    settings.has_no_transaction_option = !request.is_aside && request.listed.empty();
    settings.has_via_option = request.listed.empty();
    settings.database = info.database();
    settings.connection = info;
    settings.variables = variables_of(info, request.options);
    settings.looks_for_server_side = context.settings.profile().own_server;
    settings.looks_for_load_time = request.is_aside && request.kind == plan::ScriptKind::schema;
    settings.own_name = request.own_name;
    settings.root = context.settings.project().root;
    settings.loading_command = loading_command(context, request.kind);
    return settings;
}

/// Where an id may stand for the plan, the digests are of what the files include, too, as far as we
/// can follow them. psql looks in the working directory alone.
plan::RunPsql psql_step(const Context& context, const ScriptRequest& request,
                        const std::vector<script::ScriptFile>& files)
{
    plan::RunPsql step{request.kind, files, digests_of(files), request.options.variables};
    std::ranges::transform(step.digests, std::back_inserter(step.seeds),
                           [](const std::string& digest) { return "psql " + digest; });
    try {
        script::ScriptSettings settings = settings_of(context, request);
        settings.root.clear();
        const script::Script script = script::read_script(files, settings);
        for (std::size_t i = 0; i < files.size(); ++i) {
            step.seeds[i] = script.files[i].digest.hex();
            step.digests[i] += " " + step.seeds[i];
        }
        step.are_files_known = true;
    } catch (const Error& /*psql's own ways, or a file that cannot be read*/) {
        step.are_files_known = false;
    }
    return step;
}

/// A session for nothing but the server's parser, on any database.
pg::Connection session_to_parse(const Context& context, const Target& target)
{
    const pg::ConnInfo info = target.info.with("application_name", "crudctl " + context.command)
                                  .with("connect_timeout", seconds_to_parse);
    try {
        return pg::Connection(info);
    } catch (const pg::ConnectError& error) {
        if (error.sqlstate() != pg::sqlstate::missing_database) {
            throw;
        }
    }
    return pg::Connection(info.with_database(target.profile.maintenance_database));
}

/// Throws the server's syntax error, where it has one for files that are refused. What keeps us
/// from asking it is no news: the refusal is.
void throw_syntax_error(Context& context, const std::vector<script::SharedSource>& files,
                        const script::ScriptSettings& settings)
{
    std::optional<script::ScriptError> found;
    try {
        const Target target = find_target(context);
        pg::Connection connection = session_to_parse(context, target);
        found = script::syntax_error_in(files, settings, connection,
                                        context.console.terminal().columns);
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
    }
    if (found) {
        throw script::ScriptError(*found);
    }
}

plan::LoadScripts load_step(const ScriptRequest& request, script::Script script)
{
    plan::LoadScripts load;
    load.kind = request.kind;
    load.script = std::make_shared<const script::Script>(std::move(script));
    load.lock_timeout = request.is_aside ? std::chrono::seconds(0) : request.options.lock_timeout;
    load.ignores_unknown_settings = request.options.ignores_unknown_settings;
    load.csv_mode = request.options.csv_mode;
    load.csv_constraint = request.options.csv_constraint;
    load.jobs = request.options.jobs;
    return load;
}

/// What it reads is opened into `files`: a stream gives its text but once.
plan::Step read_step(const Context& context, const ScriptRequest& request,
                     std::vector<script::SharedSource>& files)
{
    require_fitting(request.options);
    const std::vector<script::ScriptFile> named = files_of(context, request);
    if (request.options.uses_psql) {
        require_sql(named);
        require_psql(context.settings.environment(), context.processes);
        return psql_step(context, request, named);
    }
    const script::ScriptSettings settings = settings_of(context, request);
    files = script::open_files(named, settings);
    return load_step(request, script::read_script(files, settings));
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

plan::LoadScripts whole_project(Context& context, const ScriptOptions& options, bool has_seeds)
{
    if (options.uses_psql) {
        throw Error(ExitCode::usage,
                    "what is loaded in one transaction with the checks psql cannot run",
                    "leave out --via psql");
    }
    const config::Project& project = context.settings.project();
    ScriptRequest request;
    request.options = options;
    request.listed = project.schema;
    if (has_seeds && !request.listed.empty()) { // without a schema there is nothing to load
        request.listed.insert(request.listed.end(), project.seeds.begin(), project.seeds.end());
    }
    return std::get<plan::LoadScripts>(script_step(context, request));
}

std::map<std::string, std::string> digests_of(const plan::Step& step)
{
    std::map<std::string, std::string> digests;
    if (const auto* load = std::get_if<plan::LoadScripts>(&step)) {
        for (const script::FileOutline& file : load->script->files) {
            digests[file.source->shown()] = file.digest.hex();
        }
    } else if (const auto* psql = std::get_if<plan::RunPsql>(&step)) {
        for (std::size_t i = 0; i < psql->files.size(); ++i) {
            digests[psql->files[i].shown] = psql->seeds[i];
        }
    }
    return digests;
}

plan::Step script_step(Context& context, const ScriptRequest& request)
{
    std::vector<script::SharedSource> files;
    try {
        return read_step(context, request, files);
    } catch (const script::ScriptError& refusal) {
        if (refusal.code() == ExitCode::failed) {
            throw_syntax_error(context, files, settings_of(context, request));
        }
        throw;
    }
}

plan::Step unexplained_script_step(const Context& context, const ScriptRequest& request)
{
    std::vector<script::SharedSource> files;
    return read_step(context, request, files);
}

} // namespace crudctl::commands
