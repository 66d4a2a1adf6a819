#include "cli/help.hpp"

#include "commands/registry.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::cli {

namespace {

using std::string_view;

constexpr string_view script_prefix = "db-";

/// Other tools' commands and the one of crudctl that does their work.
constexpr std::array synonyms = {
    std::pair{string_view("rebuild"), string_view("setup")},
    std::pair{string_view("recreate"), string_view("setup")},
    std::pair{string_view("prepare"), string_view("ensure")},
    std::pair{string_view("migrate"), string_view("schema-load")},
    std::pair{string_view("load"), string_view("schema-load")},
    std::pair{string_view("push"), string_view("schema-load")},
    std::pair{string_view("populate"), string_view("seed")},
    std::pair{string_view("console"), string_view("connect")},
    std::pair{string_view("dbconsole"), string_view("connect")},
    std::pair{string_view("shell"), string_view("connect")},
    std::pair{string_view("delete"), string_view("drop")},
    std::pair{string_view("kill"), string_view("sessions")},
    std::pair{string_view("ps"), string_view("sessions")},
    std::pair{string_view("rollback"), string_view("undo")},
    std::pair{string_view("restore"), string_view("undo")},
    std::pair{string_view("snapshot"), string_view("save")},
    std::pair{string_view("backup"), string_view("save")},
    std::pair{string_view("check"), string_view("doctor")},
    std::pair{string_view("new"), string_view("init")},
};

bool is_command(string_view word)
{
    return std::ranges::any_of(commands::registry(), [&](const commands::CommandEntry& entry) {
        return entry.name == word || std::ranges::find(entry.aliases, word) != entry.aliases.end();
    });
}

string_view without_prefix(string_view word)
{
    return word.starts_with(script_prefix) ? word.substr(script_prefix.size()) : word;
}

std::string with_hyphens(std::string word)
{
    std::ranges::replace(word, ':', '-');
    return word;
}

/// The command of `db:setup`; the word as it is where that is none.
std::string command_of(const std::string& word)
{
    std::string name = with_hyphens(word);
    if (name != word && !is_command(name)) {
        name = without_prefix(name);
    }
    return is_command(name) ? name : word;
}

} // namespace

std::vector<std::string> in_own_words(std::vector<std::string> arguments)
{
    if (arguments.empty()) {
        return arguments;
    }
    if (arguments.front() == "version") {
        arguments.front() = "--version";
    }
    const bool asks_for_help = arguments.front() == "help";
    if (asks_for_help) {
        arguments.erase(arguments.begin());
    }
    bool has_command = false;
    for (auto argument = arguments.begin(); argument != arguments.end() && !has_command;
         ++argument) { // what follows the command are its own words
        *argument = command_of(*argument);
        has_command = is_command(*argument);
    }
    if (asks_for_help && (has_command || arguments.empty())) {
        arguments.emplace_back("--help");
    }
    return arguments;
}

std::string hint_for_habit(string_view word)
{
    const std::string hyphenated = with_hyphens(std::string(word));
    const string_view name = without_prefix(hyphenated);
    if (name == "dump") {
        return "pg_dump \"$(crudctl url)\" writes one";
    }
    const auto* const found =
        std::ranges::find(synonyms, name, [](const auto& pair) { return pair.first; });
    return found == synonyms.end() ? std::string()
                                   : fmt::format("did you mean \"{}\"?", found->second);
}

bool says_yes(const std::string& option)
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
    return std::ranges::find(habits, option.substr(0, option.find('='))) != habits.end();
}

} // namespace crudctl::cli
