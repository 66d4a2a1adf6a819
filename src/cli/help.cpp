#include "cli/help.hpp"

#include "support/exit_code.hpp"
#include "support/text.hpp"

#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace crudctl::cli {

namespace {

constexpr std::size_t page_width = 80;
constexpr std::size_t label_width = 24;

std::string row(const std::string& label, const std::string& text)
{
    std::string shown = label.size() > label_width ? fmt::format("  {}\n", label) : "";
    std::string left = shown.empty() ? label : "";
    for (const std::string& line : wrapped(text, page_width - label_width - 3)) {
        shown += fmt::format("  {:{}} {}\n", left, label_width, line);
        left.clear();
    }
    return shown;
}

/// "-d, --database NAME"
std::string option_label(const CLI::Option& option)
{
    std::string label;
    for (const std::string& name : option.get_snames()) {
        label += "-" + name + ", ";
    }
    for (const std::string& name : option.get_lnames()) {
        label += "--" + name;
    }
    const bool takes_value = option.get_items_expected_max() > 0;
    return takes_value ? label + " " + option.get_type_name() : label;
}

std::string option_rows(const CLI::App& app)
{
    std::string text;
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_positional() && !option->check_lname("help")) {
            text += row(option_label(*option), option->get_description());
        }
    }
    return text;
}

/// The words that a command takes, but for PROFILE, which the usage names.
std::string word_rows(const CLI::App& command)
{
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional() && option->get_name() != "PROFILE") {
            text += row(option->get_name(), option->get_description());
        }
    }
    return text.empty() ? text : "\nArguments\n" + text;
}

std::string command_rows()
{
    std::string text;
    std::string_view group;
    for (const commands::CommandEntry& entry : commands::registry()) {
        if (entry.group != group) {
            group = entry.group;
            text += fmt::format("\n{}\n", group);
        }
        text += row(entry.name, entry.summary);
    }
    return text;
}

std::string usage_of(const commands::CommandEntry& entry, bool has_subcommands)
{
    std::string usage = "crudctl " + entry.name;
    usage += has_subcommands ? " ACTION" : "";
    usage += entry.takes_profile == commands::TakesProfile::positional ? " [PROFILE]" : "";
    usage += " [options]";
    if (entry.name == "query") {
        return usage + " NAME [KEY=VALUE …]";
    }
    return entry.name == "connect" ? usage + " [-- psql arguments]" : usage;
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

/// The codes with the first words of what they mean, wrapped for 80 columns.
std::string exit_code_lines()
{
    std::string text;
    std::string line = " ";
    for (const ExitCodeEntry& entry : exit_codes()) {
        const std::string item =
            fmt::format(" {} {},", to_int(entry.code),
                        entry.meaning.substr(0, entry.meaning.find_first_of(":;")));
        if (line.size() + item.size() > page_width - 2) {
            text += line + "\n";
            line = " ";
        }
        line += item;
    }
    line.pop_back();
    return text + line + "\n";
}

} // namespace

std::string main_help(const CLI::App& app)
{
    return fmt::format("crudctl: create, load, seed, watch and safely reset a Postgres database\n"
                       "usage: crudctl [options] COMMAND [PROFILE] [options]\n"
                       "{}\nOptions\n{}\nExit codes\n{}\n"
                       "crudctl COMMAND --help tells more. Example: crudctl setup\n",
                       command_rows(), option_rows(app), exit_code_lines());
}

std::string command_help(const CLI::App& command, const commands::CommandEntry& entry)
{
    const auto actions = command.get_subcommands([](const CLI::App*) { return true; });
    std::string text = fmt::format("crudctl {}: {}\nusage: {}\n", entry.name, entry.summary,
                                   usage_of(entry, !actions.empty()));
    if (!entry.aliases.empty()) {
        text += fmt::format("also called: {}\n", joined(entry.aliases));
    }
    if (!actions.empty()) {
        text += "\nActions\n";
    }
    for (const CLI::App* action : actions) {
        text += row(action->get_name(), action->get_description());
    }
    text += word_rows(command) + "\nOptions\n" + option_rows(command);
    for (const CLI::App* action : actions) {
        for (const CLI::Option* option : action->get_options()) {
            if (!option->check_lname("help")) {
                text += row(fmt::format("{}: {}", action->get_name(), option_label(*option)),
                            option->get_description());
            }
        }
    }
    return text +
           fmt::format("  and the global ones: crudctl --help\n\nExample\n  {}\n", entry.example);
}

} // namespace crudctl::cli
