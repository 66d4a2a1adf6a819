#include "commands/query/query.hpp"

#include "commands/query/arguments.hpp"
#include "commands/query/result.hpp"
#include "database/content.hpp"
#include "database/name.hpp"
#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/protection.hpp"
#include "operation/report.hpp"
#include "operation/target.hpp"
#include "operation/trust/trusting.hpp"
#include "pg/connection.hpp"
#include "script/effect/effect_judge.hpp"
#include "script/source/script_error.hpp"
#include "script/sql/sql_secrets.hpp"
#include "script/sql/statement.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::commands {

namespace {

constexpr const char* nothing_changed = "nothing was changed";

/// A query and what it is about to be run with.
struct Call {
    ProjectQuery query;
    std::vector<std::optional<std::string>> values;
    plan::Effect effect = plan::Effect::reads;

    plan::RunQuery step() const { return {query.shown, query.text, values}; }
};

/// What a file's functions write can't be told from its words: whoever says that it writes is
/// taken to know no more than that.
plan::Effect effect_of(const script::NamedQuery& query, const QueryOptions& options)
{
    if (query.effect == script::QueryEffect::adds) {
        return plan::Effect::adds;
    }
    if (query.effect == script::QueryEffect::destroys || options.writes) {
        return plan::Effect::destroys;
    }
    return query.effect == script::QueryEffect::reads ? plan::Effect::reads
                                                      : plan::Effect::disrupts;
}

void require_fitting_options(const QueryOptions& options)
{
    const auto refuse = [](const std::string& message, const std::string& hint = {}) {
        throw Error(ExitCode::usage, message, hint);
    };
    if (options.lists && !options.name.empty()) {
        refuse("--list lists all queries: it takes no NAME");
    }
    if (!options.lists && options.name.empty()) {
        refuse("query needs the NAME of one", "crudctl query --list shows all");
    }
}

/// The types that the parameters have on the server; none where it can't be asked: nothing is
/// started for a message, and nobody waits.
std::vector<std::string> types_on_server(const Connector& connector, const ProjectQuery& query)
{
    try {
        pg::Connection connection(connector.info_for(connector.target().info.database()));
        return inferred_types(connection, query);
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
        return {};
    }
}

/// What the server refuses comes out with its place in the file.
template <typename Run>
auto run_placed(const Context& context, pg::Connection& connection, const Call& call,
                const std::string& state, Run&& run)
{
    try {
        return run();
    } catch (const pg::ServerError& error) {
        throw failure_of_query(connection, call.query, call.values, error, state,
                               context.console.terminal().columns);
    }
}

/// What the words leave open, the server answers in the same round trip, before anything runs:
/// whether a function that is called acts where no transaction reaches.
std::string require_reading_sql(const pg::Connection& connection, const Call& call)
{
    const std::string& sql = call.query.query.sql;
    script::EffectJudge judge;
    const bool calls = judge.take(sql) != script::Effect::adds || judge.has_attributes();
    return calls
               ? database::require_no_acting_function_sql(connection, script::called_names_in(sql))
               : "";
}

/// False where it was not run, since it may do more than read.
bool read(Context& context, Connector& connector, const Call& call, const QueryOptions& options)
{
    if (context.options.dry_run) {
        plan::Plan plan;
        plan.command = context.command;
        plan.target_text = connector.target().text;
        plan.profile = connector.target().profile.name;
        plan.database = connector.target().info.database();
        plan.steps = {call.step()};
        print_plan(context, plan);
        return true;
    }
    require_trusted_steps(context, {call.step()});
    const auto connection = connector.connect();
    const std::string require_reading = require_reading_sql(*connection, call);
    const auto result = run_placed(context, *connection, call, "", [&] {
        try {
            return std::optional(
                connection->exec_read_only(call.query.query.sql, call.values, require_reading));
        } catch (const pg::ServerError& error) {
            constexpr std::size_t test = 1; // behind BEGIN
            if (error.sqlstate() != pg::sqlstate::failed_test || error.failed_result() != test ||
                require_reading.empty()) {
                throw;
            }
            return std::optional<pg::Result>();
        }
    });
    if (result) {
        require_wanted_rows(*result, options, "");
        print_rows(context, *result, options);
    }
    return result.has_value();
}

using Statements = std::vector<std::string>;

/// Whether the last of the statements before the COMMIT failed, behind `before` others.
bool is_hidden_reach(const pg::ServerError& error, std::size_t before)
{
    return error.sqlstate() == pg::sqlstate::failed_test && error.failed_result() == before;
}

Error refusal_of_reach(const Call& call)
{
    return script::refusal_of_hidden_reach("the statements of " + call.query.shown,
                                           nothing_changed);
}

/// In a transaction with the test before its COMMIT; what needs one of its own goes without.
pg::Result exec_tested(pg::Connection& connection, const Call& call, const std::string& sql,
                       const Statements& last)
{
    constexpr std::array<std::string_view, 2> needs_own = {"25001", "2D000"};
    try {
        return connection.exec_before(sql, call.values, last);
    } catch (const pg::ServerError& error) {
        if (is_hidden_reach(error, 1 + last.size())) { // BEGIN, the query and what is before it
            throw refusal_of_reach(call);
        }
        if (std::ranges::find(needs_own, error.sqlstate()) == needs_own.end()) {
            throw;
        }
    }
    return connection.exec(sql, call.values);
}

void require_no_hidden_reach(pg::Connection& connection, const Call& call, const Statements& last)
{
    try {
        connection.exec_script(fmt::format("{}", fmt::join(last, ";\n")));
    } catch (const pg::ServerError& error) {
        if (is_hidden_reach(error, last.size() - 1)) {
            throw refusal_of_reach(call);
        }
        throw;
    }
}

/// All of it or nothing: what isn't wanted of the rows takes back what the query did, and so do
/// `last`, statements for before the COMMIT.
pg::Result write_now(pg::Connection& connection, const Call& call, const QueryOptions& options,
                     const std::string& tag, const Statements& last)
{
    if (call.effect == plan::Effect::disrupts) {
        pg::Result result = connection.exec_read_only(call.query.query.sql, call.values);
        require_wanted_rows(result, options, "");
        return result;
    }
    std::string sql = call.query.query.sql;
    sql += call.effect == plan::Effect::destroys ? "\n" + tag : "";
    const bool wants_rows = options.wants_one_row || options.rows_as == RowsAs::value;
    try {
        if (!wants_rows) {
            return exec_tested(connection, call, sql, last);
        }
        pg::Transaction transaction(connection);
        pg::Result result = connection.exec(sql, call.values);
        require_wanted_rows(result, options, fmt::format("; {}", nothing_changed));
        require_no_hidden_reach(connection, call, last);
        transaction.commit();
        return result;
    } catch (const pg::ConnectionLost& error) {
        throw Error(ExitCode::unknown, fmt::format("{}; whether {} was done, nobody can tell",
                                                   error.what(), call.query.name));
    }
}

void require_leave_to_write(const Context& context, const plan::Plan& plan,
                            const plan::Circumstances& circumstances, const Call& call,
                            const QueryOptions& options)
{
    const auto& because =
        circumstances.protection ? circumstances.protection : circumstances.same_database;
    if (because && !options.writes && call.effect != plan::Effect::disrupts) {
        throw Error(ExitCode::refused,
                    fmt::format("{} writes, and {} is protected ({}); {}", call.query.shown,
                                plan::phrase_of(plan), *because, nothing_changed),
                    context.console.can_ask() && circumstances.protection &&
                            call.effect == plan::Effect::destroys
                        ? "--write lets it, and asks before"
                        : "");
    }
}

/// In the comment stands what crudctl knows of the database.
void require_no_own_comment(const Call& call, const std::string& database)
{
    const script::StatementFacts facts = script::facts_of(call.query.query.sql);
    if (facts.verb == "comment" && facts.database == database) {
        throw Error(ExitCode::refused,
                    fmt::format("{} would take crudctl's own line off the comment of database "
                                "\"{}\"; {}",
                                call.query.shown, printable(database), nothing_changed),
                    "a file of the schema keeps it: crudctl schema-load -f FILE");
    }
}

std::string loss_by(const Call& call, const database::Survey& survey)
{
    const std::string sql = script::masked_sql(call.query.query.sql);
    return fmt::format("what {} changes or deletes in {}: {}", call.query.shown, loss_text(survey),
                       shortened(printable(sql.substr(0, sql.find('\n'))), 60));
}

/// Whether it calls a function that may do anything. The server is asked only where its words leave
/// that open.
bool calls_unknown(pg::Connection& connection, const Call& call)
{
    const std::string& sql = call.query.query.sql;
    script::EffectJudge judge;
    judge.take(sql);
    if (call.effect != plan::Effect::adds || (!call.query.query.calls && !judge.has_attributes())) {
        return false;
    }
    database::CallableFunctions functions = database::callable_functions(connection);
    const script::KnownFunctions known = {std::move(functions.generators),
                                          std::move(functions.of_rows)};
    return script::effect_of(sql, script::Backslashes::literal, known) == script::Effect::calls;
}

void warn_of_disruption(Context& context, const Call& call)
{
    if (call.effect == plan::Effect::disrupts) {
        context.console.note(
            fmt::format("  note     {} acts outside its transaction, which READ ONLY does not stop",
                        call.query.shown));
    }
}

void write(Context& context, Connector& connector, Call call, const QueryOptions& options)
{
    const Target& target = connector.target();
    database::check_own_name(target.info.database(), target.profile.maintenance_database);
    require_no_own_comment(call, target.info.database());
    auto connection = connector.connect();
    database::Surveyor surveyor = surveyor_for(*connection, target, call.effect);
    const database::ShortSurvey& survey = surveyor.seen();
    database::require_primary(survey);
    remember_protected(context, target, survey);
    if (protection_of(target, survey) && calls_unknown(*connection, call)) {
        call.effect = plan::Effect::destroys;
    }
    const bool destroys = call.effect == plan::Effect::destroys;
    plan::Plan plan = plan_for(context, target, survey, call.effect);
    plan.command += call.query.name.empty() ? "" : " " + call.query.name; // for the journal
    plan.steps = {call.step()};
    plan::Circumstances circumstances = circumstances_of(context, target, survey);
    require_leave_to_write(context, plan, circumstances, call, options);
    if (destroys) {
        plan.losses = {loss_by(call, surveyor.whole())};
    }
    std::optional<pg::Result> result;
    Operation operation;
    operation.plan = std::move(plan);
    operation.tells_loss = false; // what it does is all that it does
    operation.circumstances = [&](const plan::Plan& to_judge) {
        warn_of_disruption(context, call);
        if (destroys) {
            circumstances.facts =
                live_facts(connector, to_judge, surveyor.whole(), circumstances.protection);
        }
        return circumstances;
    };
    operation.adapt = [&](plan::Runtime& runtime) {
        runtime.run_query = [&](const plan::RunQuery& /*the only one*/, const std::string& tag,
                                const Statements& last) {
            result = run_placed(context, *connection, call, nothing_changed,
                                [&] { return write_now(*connection, call, options, tag, last); });
        };
    };
    if (!carry_out(context, connector, connection, std::move(operation))) {
        return;
    }
    print_rows(context, *result, options);
    if (const std::string done = done_text(*result); !done.empty()) {
        context.console.note({{Style::green, done}});
    }
}

void run_project_query(Context& context, const QueryOptions& options)
{
    require_fitting_options(options);
    if (options.lists) {
        list_queries(context);
        return;
    }
    run_query(
        context,
        read_query(context.settings.project(), options.name, context.console.terminal().columns),
        options);
}

void add_query(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<QueryOptions>();
    command.add_option("NAME", options->name, "the query: its file below project.queries");
    declare_query_options(command, *options);
    command.add_flag("--list", options->lists, "show all queries with their parameters");
    command.callback([&chosen, options] {
        if (!options->writes) { // until run_query() has looked into the file
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_project_query(context, *options); };
    });
}

} // namespace

void declare_query_options(CLI::App& command, QueryOptions& options)
{
    command
        .add_option("PARAMETERS", options.parameters,
                    "for each KEY=VALUE, KEY=@FILE, or KEY=@- for standard input; "
                    "KEY=@@TEXT begins with @")
        ->type_name("KEY=VALUE");
    command.add_option("--null", options.nulls, "a parameter without a value (NULL)")
        ->type_name("KEY")
        ->allow_extra_args(false);
    auto* csv = command.add_flag_callback(
        "--csv", [&options] { options.rows_as = RowsAs::csv; }, "the rows as CSV");
    command
        .add_flag_callback(
            "--value", [&options] { options.rows_as = RowsAs::value; },
            "the only column of the only row, as it is")
        ->excludes(csv);
    command.add_flag("--one", options.wants_one_row, "fail unless there is exactly one row");
    command.add_flag("--write", options.writes,
                     "let it write on a protected profile, or by its functions");
}

void run_query(Context& context, ProjectQuery query, const QueryOptions& options)
{
    if (context.options.json && options.rows_as != RowsAs::table) {
        throw Error(ExitCode::usage, "--json, --csv and --value exclude each other");
    }
    Call call{std::move(query), {}, {}};
    call.effect = effect_of(call.query.query, options);
    const bool writes = call.effect != plan::Effect::reads;
    context.settings.fence().require_reading(call.query.shown, !writes);
    if (writes) {
        context.command_class = CommandClass::by_file;
    }
    const Target target = writes ? announced_target(context) : find_target(context);
    Connector connector(context, target);
    call.values =
        bound_values(call.query, options, [&] { return types_on_server(connector, call.query); });
    if (!writes && read(context, connector, call, options)) {
        return;
    }
    if (!writes) {
        context.settings.fence().require_reading(call.query.shown, false);
        context.command_class = CommandClass::by_file;
        call.effect = plan::Effect::disrupts;
    }
    write(context, connector, call, options);
}

extern const CommandEntry query_command = {
    .name = "query",
    .aliases = {},
    .group = "Project",
    .command_class = CommandClass::by_file,
    .takes_profile = TakesProfile::no,
    .summary = "run a named SQL file with bound parameters",
    .example = "crudctl query users/show handle=ada",
    .add = add_query,
};

} // namespace crudctl::commands
