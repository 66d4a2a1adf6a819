#include "cli/help.hpp"

#include "commands/registry.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string>
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

/// "NAME"; of one that may be given several times what each is, "KEY=VALUE".
std::string argument_label(const CLI::Option& argument)
{
    return argument.get_items_expected_max() > 1 ? argument.get_type_name() : argument.get_name();
}

/// "NAME", "[PROFILE]", "[KEY=VALUE ...]", each with a blank before it.
std::string arguments_of(const CLI::App& command)
{
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        if (!option->get_positional()) {
            continue;
        }
        const std::string label =
            argument_label(*option) + (option->get_items_expected_max() > 1 ? " …" : "");
        text += option->get_required() ? " " + label : fmt::format(" [{}]", label);
    }
    return text;
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
std::string argument_rows(const CLI::App& command)
{
    std::string text;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional() && option->get_name() != "PROFILE") {
            text += row(argument_label(*option), option->get_description());
        }
    }
    return text;
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

std::string usage_of(const CLI::App& command, const commands::CommandEntry& entry,
                     const std::vector<const CLI::App*>& actions)
{
    const std::string head = "crudctl " + entry.name;
    if (actions.empty()) {
        const char* const rest = entry.name == "connect" ? " [-- psql arguments]" : "";
        return fmt::format("usage: {}{} [options]{}\n", head, arguments_of(command), rest);
    }
    std::string usage;
    for (const CLI::App* action : actions) {
        usage += fmt::format("{} {} {}{} [options]\n", usage.empty() ? "usage:" : "      ", head,
                             action->get_name(), arguments_of(*action));
    }
    return usage;
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

std::vector<std::string> actions_of(const CLI::App& command)
{
    std::vector<std::string> names;
    for (const CLI::App* action : command.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(action->get_name());
    }
    return names;
}

/// Why a word was not taken, to be followed by the word.
std::string objection(const CLI::App& app, const std::string& word)
{
    const auto chosen = app.get_subcommands();
    if (word.starts_with('-')) {
        return "there is no option";
    }
    if (chosen.empty()) {
        return "there is no command";
    }
    const bool lacks_action =
        !actions_of(*chosen.front()).empty() && chosen.front()->get_subcommands().empty();
    return lacks_action ? chosen.front()->get_name() + " has no action" : "unexpected argument";
}

void add_options_of(const CLI::App& command, std::vector<std::string>& known)
{
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            known.push_back("--" + name);
        }
    }
}

/// Everything that could have stood where this word stands.
std::vector<std::string> words_instead_of(const std::string& word, const CLI::App& app)
{
    const auto chosen = app.get_subcommands();
    std::vector<std::string> known;
    if (word.starts_with('-')) {
        add_options_of(app, known);
        if (!chosen.empty()) {
            add_options_of(*chosen.front(), known);
        }
    } else if (!chosen.empty()) {
        known = actions_of(*chosen.front());
    } else {
        for (const commands::CommandEntry& entry : commands::registry()) {
            known.push_back(entry.name);
            known.insert(known.end(), entry.aliases.begin(), entry.aliases.end());
        }
    }
    return known;
}

/// Whether the option, of any command that is in play, is one that stands alone.
bool takes_no_value(const CLI::App& app, const std::string& name)
{
    const CLI::Option* option = app.get_option_no_throw(name);
    for (const CLI::App* command : app.get_subcommands()) {
        option = option == nullptr ? command->get_option_no_throw(name) : option;
    }
    return option != nullptr && option->get_items_expected_max() == 0;
}

/// Where it says what could have been typed.
std::string help_hint(const CLI::App& app)
{
    const auto chosen = app.get_subcommands();
    return chosen.empty()
               ? "crudctl --help lists the commands"
               : fmt::format("crudctl {} --help lists what it takes", chosen.front()->get_name());
}

/// What somebody who typed this may have meant.
std::string hint_for(const CLI::App& app, const std::string& word)
{
    if (says_yes(word)) {
        return "there is no way to say yes to everything: a person at a terminal answers what has "
               "to be asked, or has named by --confirm DATABASE@PROFILE what is meant";
    }
    if (app.get_subcommands().empty() && !hint_for_habit(word).empty()) {
        return hint_for_habit(word);
    }
    if (const auto suggestion = nearest(word, words_instead_of(word, app))) {
        return fmt::format("did you mean \"{}\"?", *suggestion);
    }
    return help_hint(app);
}

/// Of a command that was given too little.
[[noreturn]] void refuse_lack(const CLI::App& command)
{
    const std::string name = command.get_name();
    const auto chosen = command.get_subcommands();
    if (!actions_of(command).empty() && chosen.empty()) {
        throw Error(ExitCode::usage, fmt::format("{} needs an action", name),
                    fmt::format("crudctl {} --help lists them", name));
    }
    const CLI::App& asked = chosen.empty() ? command : *chosen.front();
    for (const CLI::Option* option : asked.get_options()) {
        if (option->get_required() && option->count() == 0) {
            throw Error(ExitCode::usage,
                        fmt::format("{}{} needs {}: {}", name,
                                    chosen.empty() ? "" : " " + asked.get_name(),
                                    argument_label(*option), option->get_description()),
                        fmt::format("for example: {}", commands::registered(name).example));
        }
    }
    throw Error(ExitCode::usage, fmt::format("{} needs more", name),
                fmt::format("crudctl {} --help lists what it takes", name));
}

/// Of an option that was given without its value, or too often; `text` begins with its name.
[[noreturn]] void refuse_without_value(const CLI::App& app, const std::string& text)
{
    const std::string name = text.substr(0, text.find(':'));
    const CLI::Option* option = app.get_option_no_throw(name);
    for (const CLI::App* command : app.get_subcommands()) {
        option = option == nullptr ? command->get_option_no_throw(name) : option;
    }
    const bool is_missing = option != nullptr && option->results().empty();
    throw Error(ExitCode::usage,
                is_missing ? fmt::format("{} needs {}", name, option->get_type_name()) : text,
                help_hint(app));
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
    std::string text = fmt::format("crudctl {}: {}\n{}", entry.name, entry.summary,
                                   usage_of(command, entry, {actions.begin(), actions.end()}));
    if (!entry.aliases.empty()) {
        text += fmt::format("also called: {}\n", joined(entry.aliases));
    }
    if (!actions.empty()) {
        text += "\nActions\n";
    }
    for (const CLI::App* action : actions) {
        text += row(action->get_name(), action->get_description());
    }
    std::string arguments = argument_rows(command);
    for (const CLI::App* action : actions) {
        arguments += argument_rows(*action);
    }
    text += arguments.empty() ? "" : "\nArguments\n" + arguments;
    text += "\nOptions\n" + option_rows(command);
    for (const CLI::App* action : actions) {
        for (const CLI::Option* option : action->get_options()) {
            if (!option->get_positional() && !option->check_lname("help")) {
                text += row(fmt::format("{}: {}", action->get_name(), option_label(*option)),
                            option->get_description());
            }
        }
    }
    return text +
           fmt::format("  and the global ones: crudctl --help\n\nExample\n  {}\n", entry.example);
}

void throw_usage(const CLI::App& app, const CLI::ParseError& error)
{
    const auto unexpected = app.remaining(true);
    if (unexpected.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        refuse_lack(*app.get_subcommands().front());
    }
    const std::string text = error.what(); // "Could not convert: --jobs = none"
    const auto option = text.find("--");
    const auto value = text.find(" = ");
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr && option < value &&
        value != std::string::npos) {
        const std::string name = text.substr(option, value - option);
        throw Error(
            ExitCode::usage,
            fmt::format("{} takes {} \"{}\"", name,
                        takes_no_value(app, name) ? "no value, but was given" : "a number, not",
                        text.substr(value + 3)),
            help_hint(app));
    }
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
        refuse_without_value(app, text);
    }
    if (unexpected.empty()) {
        throw Error(ExitCode::usage, text, help_hint(app));
    }
    const std::string& word = unexpected.front();
    throw Error(ExitCode::usage, fmt::format("{} \"{}\"", objection(app, word), word),
                hint_for(app, word));
}

} // namespace crudctl::cli
