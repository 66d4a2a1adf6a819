#include "cli/usage_error.hpp"

#include "commands/registry.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::cli {

namespace {

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
    return lacks_action ? chosen.front()->get_name() + " has no action" : "one word too many:";
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

/// What other programs take for an answer to every question, with or without a value.
bool says_yes(const std::string& word)
{
    constexpr std::array habits = {"--yes",
                                   "-y",
                                   "--force",
                                   "-f",
                                   "--assume-yes",
                                   "--auto-approve",
                                   "--approve",
                                   "--no-confirm",
                                   "--no-input",
                                   "--non-interactive",
                                   "--noinput",
                                   "--unsafe",
                                   "--force-yes",
                                   "--noconfirm",
                                   "--skip-confirmation",
                                   "--accept-data-loss"};
    const std::string flag = word.substr(0, word.find('='));
    return std::ranges::find(habits, flag) != habits.end();
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
        return "there is no way to say yes to everything: where a question must be answered, "
               "--confirm DATABASE@PROFILE names what is meant, with the #ID of --dry-run where "
               "nobody can be asked";
    }
    if (const auto suggestion = nearest(word, words_instead_of(word, app))) {
        return fmt::format("did you mean \"{}\"?", *suggestion);
    }
    return help_hint(app);
}

} // namespace

void throw_usage(const CLI::App& app, const CLI::ParseError& error)
{
    const auto unexpected = app.remaining(true);
    if (unexpected.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        const std::string command = app.get_subcommands().front()->get_name();
        throw Error(ExitCode::usage, fmt::format("{} needs an action", command),
                    fmt::format("crudctl {} --help lists them", command));
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
    if (unexpected.empty()) {
        throw Error(ExitCode::usage, text, help_hint(app));
    }
    const std::string& word = unexpected.front();
    throw Error(ExitCode::usage, fmt::format("{} \"{}\"", objection(app, word), word),
                hint_for(app, word));
}

} // namespace crudctl::cli
