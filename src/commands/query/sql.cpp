#include "commands/query/query.hpp"
#include "operation/command_entry.hpp"
#include "operation/named_queries.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <CLI/App.hpp>
#include <unistd.h>

namespace crudctl::commands {

namespace {

constexpr std::size_t most_from_stdin = std::size_t{16} << 20U;

struct SqlOptions {
    std::string statement;
    QueryOptions query;
};

void run_sql(Context& context, const SqlOptions& options)
{
    const bool is_from_stdin = options.statement == "-";
    ProjectQuery query =
        parse_query(is_from_stdin ? "standard input" : "the statement",
                    is_from_stdin ? read_to_end(STDIN_FILENO, most_from_stdin) : options.statement,
                    context.console.terminal().columns);
    run_query(context, std::move(query), options.query);
}

void add_sql(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<SqlOptions>();
    command.add_option("SQL", options->statement, "one statement; - reads it from standard input")
        ->required();
    declare_query_options(command, options->query);
    command.callback([&chosen, options] {
        if (!options->query.writes) { // until run_query() has looked at the statement
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_sql(context, *options); };
    });
}

} // namespace

extern const CommandEntry sql_command = {
    .name = "sql",
    .aliases = {},
    .group = "Database",
    .command_class = CommandClass::by_file,
    .takes_profile = TakesProfile::no,
    .summary = "run one statement and print its rows",
    .example = "crudctl sql 'select now()'",
    .add = add_sql,
};

} // namespace crudctl::commands
