#include "commands/commands.hpp"
#include "commands/target.hpp"
#include "support/text_table.hpp"

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

} // namespace

void add_config(CLI::App& command, Invocation& chosen)
{
    command.callback(
        [&chosen] { chosen.run = [](Context& context) { run_config(context, ConfigOptions{}); }; });
}

void run_config(Context& context, const ConfigOptions& /*options*/)
{
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

} // namespace crudctl::commands
