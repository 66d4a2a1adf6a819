#include "operation/command_entry.hpp"
#include "operation/context.hpp"
#include "plan/journal.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"
#include "support/text/text_table.hpp"
#include "support/text/time_text.hpp"

#include <filesystem>
#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

struct HistoryOptions {
    bool all = false; // of every project
    std::size_t limit = 20;
};

/// A folder that nothing makes a project has no entries of its own to single out.
bool is_in_project(const config::Settings& settings)
{
    return settings.config_file() || is_there(settings.root() / ".git");
}

std::string who_text(const plan::Author& author)
{
    return fmt::format("{}@{}{}{}", author.user, author.host, author.git.empty() ? "" : " ",
                       author.git);
}

std::string took_text(const plan::JournalEntry& entry)
{
    return entry.seconds > 0 ? duration_text(entry.seconds) : "";
}

TextTable table_of(const std::vector<plan::JournalEntry>& entries, bool of_all_projects)
{
    using Align = TextTable::Align;
    std::vector<TextTable::Column> columns = {{"TIME"},
                                              {"COMMAND"},
                                              {"DATABASE", Align::left, true},
                                              {"RESULT"},
                                              {"TOOK", Align::right},
                                              {"UNDO", Align::left, true},
                                              {"WHO", Align::left, true}};
    if (of_all_projects) {
        columns.push_back({"PROJECT", Align::left, true});
    }
    TextTable table(columns);
    for (const plan::JournalEntry& entry : entries) {
        std::vector<std::string> cells = {local_time_text(entry.time),
                                          entry.command,
                                          fmt::format("{}@{}", entry.database, entry.profile),
                                          entry.result,
                                          took_text(entry),
                                          entry.undo,
                                          who_text(entry.author)};
        if (of_all_projects) {
            cells.push_back(entry.project);
        }
        table.add(std::move(cells));
    }
    return table;
}

/// Needs no server.
void run_history(Context& context, const HistoryOptions& options)
{
    const config::Settings& settings = context.settings;
    const bool of_all_projects = options.all || !is_in_project(settings);
    const std::string project = plan::project_text(settings.root());
    const auto& profile = context.options.profile;
    const auto entries =
        plan::Journal::of_user(settings.environment())
            .last(options.limit, [&](const plan::JournalEntry& entry) {
                return (of_all_projects || entry.project == project) &&
                       (!profile || entry.profile == *profile) &&
                       (!context.options.database || entry.database == *context.options.database);
            });
    if (context.options.json) {
        context.console.result(plan::to_json(entries));
        return;
    }
    if (entries.empty()) {
        context.console.note("the journal has nothing of this");
        return;
    }
    const Terminal& terminal = context.console.terminal();
    context.console.result(
        table_of(entries, of_all_projects).to_text(terminal.output ? terminal.columns : 0));
}

void add_history(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<HistoryOptions>();
    command.add_flag("-a,--all", options->all, "of every project of this user");
    command.add_option("-n,--limit", options->limit, "how many, the newest (default 20)")
        ->type_name("N");
    runs(command, chosen, [options](Context& context) { run_history(context, *options); });
}

} // namespace

extern const CommandEntry history_command = {
    .name = "history",
    .aliases = {},
    .group = "Safety",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "show what was changed, when and by whom",
    .example = "crudctl history --limit 50",
    .add = add_history,
};

} // namespace crudctl::commands
