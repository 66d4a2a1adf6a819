#include "operation/command_entry.hpp"
#include "operation/target.hpp"
#include "operation/trust/trusting.hpp"
#include "support/text/text_table.hpp"

#include <CLI/App.hpp>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

std::string json_of(const std::vector<config::SettingLine>& lines)
{
    nlohmann::ordered_json document = nlohmann::ordered_json::array();
    for (const config::SettingLine& line : lines) {
        document.push_back(
            {{"key", line.key},
             {"value", line.is_set ? nlohmann::ordered_json(line.value) : nlohmann::ordered_json()},
             {"origin", line.origin}});
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

void run_config(Context& context)
{
    warn_of_untrusted(context);
    const std::vector<config::SettingLine> lines = context.settings.lines();
    if (context.options.json) {
        context.console.result(json_of(lines));
        return;
    }
    TextTable table({{"KEY"}, {"VALUE", TextTable::Align::left, true}, {"FROM"}});
    for (const config::SettingLine& line : lines) {
        table.add({line.key, line.is_set ? line.value : "(not set)", line.origin});
    }
    const Terminal& terminal = context.console.terminal();
    context.console.result(table.to_text(terminal.output ? terminal.columns : 0));
}

void add_config(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_config);
}

} // namespace

extern const CommandEntry config_command = {
    .name = "config",
    .aliases = {},
    .group = "Look",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "show every setting and where it comes from",
    .example = "crudctl config --json",
    .add = add_config,
};

} // namespace crudctl::commands
