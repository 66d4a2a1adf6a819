#include "commands/query_arguments.hpp"
#include "commands/query_failure.hpp"
#include "commands/query_list.hpp"
#include "commands/query_result.hpp"
#include "commands/report.hpp"
#include "commands/run_plan.hpp"
#include "commands/target.hpp"
#include "commands/twin.hpp"
#include "database/name.hpp"
#include "pg/transaction.hpp"
#include "support/text.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

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
    return query.effect == script::QueryEffect::reads && !options.writes ? plan::Effect::reads
                                                                         : plan::Effect::destroys;
}

void require_fitting_options(const Context& context, const QueryOptions& options)
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
    if (context.options.json && options.rows_as != RowsAs::table) {
        refuse("--json, --csv and --value exclude each other");
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
pg::Result run_placed(const Context& context, pg::Connection& connection, const Call& call,
                      const std::string& state, Run&& run)
{
    try {
        return run();
    } catch (const pg::ServerError& error) {
        throw failure_of_query(connection, call.query, call.values, error, state,
                               context.console.terminal().columns);
    }
}

void read(Context& context, Connector& connector, const Call& call, const QueryOptions& options)
{
    if (context.options.dry_run) {
        plan::Plan plan;
        plan.command = context.command;
        plan.target_text = connector.target().text;
        plan.profile = connector.target().profile.name;
        plan.database = connector.target().info.database();
        plan.steps = {call.step()};
        print_plan(context, plan);
        return;
    }
    const auto connection = connector.connect();
    const pg::Result result = run_placed(context, *connection, call, "", [&] {
        return connection->exec_read_only(call.query.query.sql, call.values);
    });
    require_wanted_rows(result, options, "");
    print_rows(context, result, options);
}

/// All of it or nothing: what isn't wanted of the rows takes back what the query did.
pg::Result write_now(pg::Connection& connection, const Call& call, const QueryOptions& options,
                     const std::string& tag)
{
    std::string sql = call.query.query.sql;
    sql += call.effect == plan::Effect::destroys ? "\n" + tag : "";
    std::optional<pg::Transaction> transaction;
    if (options.wants_one_row || options.rows_as == RowsAs::value) {
        transaction.emplace(connection);
    }
    try {
        pg::Result result = connection.exec(sql, call.values);
        require_wanted_rows(result, options, fmt::format("; {}", nothing_changed));
        if (transaction) {
            transaction->commit();
        }
        return result;
    } catch (const pg::ConnectionLost& error) {
        throw Error(ExitCode::unknown, fmt::format("{}; whether {} was done, nobody can tell",
                                                   error.what(), call.query.name));
    }
}

void require_leave_to_write(const plan::Plan& plan, const plan::Circumstances& circumstances,
                            const Call& call, const QueryOptions& options)
{
    const auto& because = circumstances.protection ? circumstances.protection : circumstances.twin;
    if (because && !options.writes) {
        throw Error(ExitCode::refused,
                    fmt::format("{} writes, and {} is protected ({}); {}", call.query.shown,
                                plan::phrase_of(plan), *because, nothing_changed),
                    "--write lets it");
    }
}

std::string loss_by(const Call& call, const database::Survey& survey)
{
    const std::string_view sql = call.query.query.sql;
    return fmt::format("what {} changes or deletes in {}: {}", call.query.shown, loss_text(survey),
                       shortened(printable(sql.substr(0, sql.find('\n'))), 60));
}

void write(Context& context, Connector& connector, const Call& call, const QueryOptions& options)
{
    const Target& target = connector.target();
    database::check_own_name(target.info.database(), target.profile.maintenance_database);
    const auto connection = connector.connect();
    const bool destroys = call.effect == plan::Effect::destroys;
    database::Surveyor surveyor = surveyor_for(*connection, target, call.effect);
    const database::ShortSurvey& survey = surveyor.seen();
    database::require_primary(survey);
    remember_protected(context, target, survey);
    plan::Plan plan = plan_for(context, target, survey, call.effect);
    plan.command += " " + call.query.name; // whoever reads the journal wants to know which
    plan.steps = {call.step()};
    plan::Circumstances circumstances = circumstances_of(context, target, survey);
    require_leave_to_write(plan, circumstances, call, options);
    if (destroys) {
        plan.losses = {loss_by(call, surveyor.whole())};
    }
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    if (destroys) {
        circumstances.facts =
            live_facts(connector, plan, surveyor.whole(), circumstances.protection);
    }
    const database::Permit permit = permit_for(context, plan, circumstances);
    std::optional<pg::Result> result;
    plan::Runtime runtime = runtime_for(context, connector, *connection);
    runtime.run_query = [&](const plan::RunQuery& /*the only one*/, const std::string& tag) {
        result = run_placed(context, *connection, call, nothing_changed,
                            [&] { return write_now(*connection, call, options, tag); });
    };
    run_plan(context, plan, permit, runtime);
    print_rows(context, *result, options);
    if (const std::string done = done_text(*result); !done.empty()) {
        context.console.note({{Style::green, done}});
    }
}

void declare_output_options(CLI::App& command, QueryOptions& options)
{
    auto* csv = command.add_flag_callback(
        "--csv", [&options] { options.rows_as = RowsAs::csv; }, "the rows as CSV");
    command
        .add_flag_callback(
            "--value", [&options] { options.rows_as = RowsAs::value; },
            "the only column of the only row, as it is")
        ->excludes(csv);
    command.add_flag("--one", options.wants_one_row, "fail unless there is exactly one row");
}

} // namespace

void add_query(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<QueryOptions>();
    command.add_option("NAME", options->name, "the query: its file below project.queries");
    command.add_option("PARAMETERS", options->parameters,
                       "for each KEY=VALUE, KEY=@FILE, or KEY=@- for standard input; "
                       "KEY=@@TEXT begins with @");
    command.add_option("--null", options->nulls, "a parameter without a value (NULL)")
        ->type_name("KEY")
        ->allow_extra_args(false);
    declare_output_options(command, *options);
    command.add_flag("--write", options->writes,
                     "let it write on a protected profile, or by its functions");
    command.add_flag("--list", options->lists, "show all queries with their parameters");
    command.callback([&chosen, options] {
        chosen.run = [options](Context& context) { run_query(context, *options); };
    });
}

void run_query(Context& context, const QueryOptions& options)
{
    require_fitting_options(context, options);
    if (options.lists) {
        list_queries(context);
        return;
    }
    Call call{
        read_query(context.settings.project(), options.name, context.console.terminal().columns),
        {},
        {}};
    call.effect = effect_of(call.query.query, options);
    const bool writes = call.effect != plan::Effect::reads;
    const Target target = writes ? announced_target(context) : find_target(context);
    Connector connector(context, target);
    call.values =
        bound_values(call.query, options, [&] { return types_on_server(connector, call.query); });
    if (writes) {
        write(context, connector, call, options);
    } else {
        read(context, connector, call, options);
    }
}

} // namespace crudctl::commands
