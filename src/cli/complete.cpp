#include "cli/complete.hpp"

#include "cli/command_line.hpp"
#include "commands/init/hook.hpp"
#include "commands/registry.hpp"

#include <algorithm>
#include <string_view>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

namespace crudctl::cli {

namespace {

using commands::CommandEntry;

/// Candidates that begin like the word at the cursor.
class Candidates {
public:
    explicit Candidates(std::string word) : m_word(std::move(word)) {}

    void offer(const std::string& candidate, const std::string& description)
    {
        if (candidate.starts_with(m_word)) {
            m_text += fmt::format("{}\t{}\n", candidate, description);
        }
    }
    const std::string& word() const noexcept { return m_word; }
    std::string text() && { return std::move(m_text); }

private:
    std::string m_word;
    std::string m_text;
};

bool takes_value(const CLI::Option& option)
{
    return option.get_items_expected_max() > 0;
}

/// The option of this name that the command line knows so far.
const CLI::Option* find_option(const CLI::App& app, const CLI::App* command,
                               const std::string& name)
{
    for (const CLI::App* from : {command, &app}) {
        const CLI::Option* option = from == nullptr ? nullptr : from->get_option_no_throw(name);
        if (option != nullptr && !option->get_positional()) {
            return option;
        }
    }
    return nullptr;
}

void offer_options(Candidates& candidates, const CLI::App& from)
{
    for (const CLI::Option* option : from.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            candidates.offer("--" + name, option->get_description());
        }
    }
}

/// Aliases show only once they are begun: all of them at once would bury the commands.
void offer_commands(Candidates& candidates)
{
    for (const CommandEntry& entry : commands::registry()) {
        candidates.offer(entry.name, entry.summary);
        for (const std::string& alias : entry.aliases) {
            if (!candidates.word().empty()) {
                candidates.offer(alias, "the same as " + entry.name);
            }
        }
    }
}

const CLI::App* find_command(const CLI::App& app, const std::string& name)
{
    const auto found =
        app.get_subcommands([&](const CLI::App* command) { return command->check_name(name); });
    return found.empty() ? nullptr : found.front();
}

/// The words before the cursor, as far as completion needs to understand them.
struct Reading {
    const CLI::App* command = nullptr;
    std::size_t positionals = 0;           // after the command
    const CLI::Option* awaiting = nullptr; // an option whose value comes next
};

Reading read_words(const CLI::App& app, const std::vector<std::string>& words)
{
    Reading reading;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string& word = words[i];
        if (reading.awaiting != nullptr) {
            reading.awaiting = nullptr;
        } else if (word.starts_with('-')) {
            const CLI::Option* option = find_option(app, reading.command, word);
            reading.awaiting = option != nullptr && takes_value(*option) ? option : nullptr;
        } else if (reading.command == nullptr) {
            reading.command = find_command(app, word);
        } else {
            ++reading.positionals;
        }
    }
    return reading;
}

void offer_all(Candidates& candidates, const std::vector<std::string>& names,
               const std::string& description)
{
    for (const std::string& name : names) {
        candidates.offer(name, description);
    }
}

void offer_values(Candidates& candidates, const CLI::Option& option,
                  const NameSource& profile_names)
{
    if (option.check_lname("profile")) {
        offer_all(candidates, profile_names(), "profile");
    } else if (option.check_lname("color")) {
        for (const char* word : {"auto", "always", "never"}) {
            candidates.offer(word, "");
        }
    } else if (option.check_lname("hook")) {
        for (const std::string& kind : commands::hook_kinds()) {
            candidates.offer(kind, "");
        }
    }
}

void offer_positionals(Candidates& candidates, const CLI::App& command,
                       const NameSource& profile_names, const NameSource& query_names)
{
    for (const CLI::App* action : command.get_subcommands([](const CLI::App*) { return true; })) {
        candidates.offer(action->get_name(), action->get_description());
    }
    if (command.get_option_no_throw("PROFILE") != nullptr) {
        offer_all(candidates, profile_names(), "profile");
    }
    if (command.check_name("query")) {
        offer_all(candidates, query_names(), "query");
    }
}

} // namespace

std::string completions(const std::vector<std::string>& words, const NameSource& profile_names,
                        const NameSource& query_names)
{
    commands::Invocation unused;
    const auto app = make_app(unused);
    Candidates candidates(words.empty() ? std::string() : words.back());
    const Reading reading = read_words(*app, words);
    if (reading.awaiting != nullptr) {
        offer_values(candidates, *reading.awaiting, profile_names);
    } else if (candidates.word().starts_with('-')) {
        offer_options(candidates, reading.command == nullptr ? *app : *reading.command);
        if (reading.command != nullptr) {
            offer_options(candidates, *app);
        }
    } else if (reading.command == nullptr) {
        offer_commands(candidates);
    } else if (reading.positionals == 0) {
        offer_positionals(candidates, *reading.command, profile_names, query_names);
    }
    return std::move(candidates).text();
}

} // namespace crudctl::cli
