#include "operation/command_entry.hpp"

#include "operation/context.hpp"

#include <utility>

#include <CLI/App.hpp>

namespace crudctl::commands {

std::string_view class_name(CommandClass command_class)
{
    switch (command_class) {
    case CommandClass::reads:
        return "reads";
    case CommandClass::adds:
        return "adds";
    case CommandClass::disrupts:
        return "disrupts";
    case CommandClass::destroys:
        return "destroys";
    case CommandClass::none:
        return "–";
    case CommandClass::by_file:
        break;
    }
    return "by file";
}

plan::Effect worst_effect(CommandClass command_class)
{
    switch (command_class) {
    case CommandClass::none:
    case CommandClass::reads:
        return plan::Effect::reads;
    case CommandClass::adds:
        return plan::Effect::adds;
    case CommandClass::disrupts:
        return plan::Effect::disrupts;
    case CommandClass::by_file:
        return plan::Effect::destroys;
    case CommandClass::destroys:
        break;
    }
    return plan::Effect::past_undo;
}

void runs(CLI::App& command, Invocation& chosen, std::function<void(Context&)> run)
{
    command.callback([&chosen, run = std::move(run)] { chosen.run = run; });
}

} // namespace crudctl::commands
