#include "support/hint_check.hpp"

#include "cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include <CLI/App.hpp>

namespace crudctl::tests {

namespace {

constexpr std::string_view label = "hint: ";
constexpr std::string_view program = "crudctl";
/// What comes after one of them is not ours.
constexpr std::array<std::string_view, 8> other_programs = {
    "psql", "pg_restore", "pg_dump", "aws", "gunzip", "apt-get", "docker", "npm"};
/// What follows the name in a sentence about crudctl.
constexpr std::array<std::string_view, 6> verbs = {"makes", "creates", "loads",
                                                   "works", "does",    "by"};
constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz-_";

std::vector<std::string> words_of(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

/// Without what a sentence puts around it: `(crudctl`, `"--wait",`, `--set:`.
std::string bare(const std::string& word)
{
    const std::size_t begin = std::min(word.find_first_of(letters), word.size());
    return word.substr(begin, word.find_first_not_of(letters, begin) - begin);
}

bool ends_clause(const std::string& word)
{
    return word == "|" ||
           (!word.empty() && std::string_view(";:,").find(word.back()) != std::string_view::npos);
}

/// Null where there is none of that name.
CLI::App* find_command(CLI::App& app, const std::string& name)
{
    try {
        return app.get_subcommand(name);
    } catch (const CLI::OptionNotFound& /*no command*/) {
        return nullptr;
    }
}

/// Reads one hint, word by word.
class HintReader {
public:
    HintReader(CLI::App& app, const std::vector<std::string>& arguments) : m_app(app)
    {
        for (const std::string& argument : arguments) {
            m_own = m_own == nullptr ? command(argument) : m_own;
        }
        m_command = m_own;
    }

    void read(const std::string& hint)
    {
        for (const std::string& word : words_of(hint)) {
            take(word);
        }
    }

private:
    CLI::App* command(const std::string& name) const { return find_command(m_app, name); }

    void take(const std::string& word)
    {
        const std::string text = bare(word);
        const bool is_verb = std::ranges::find(verbs, text) != verbs.end();
        if (m_is_behind_program && !text.empty() && !text.starts_with('-') && !is_verb) {
            m_command = command(text);
            require(m_command != nullptr, "the command " + text);
        } else if (std::ranges::find(other_programs, text) != other_programs.end()) {
            m_is_foreign = true;
        } else if (text.starts_with("--") && text.size() > 2 && !m_is_foreign) {
            require(has(text), "the option " + text);
        }
        m_is_behind_program = text == program && !word.ends_with(".toml");
        m_is_foreign = m_is_foreign && !m_is_behind_program;
        if (ends_clause(word)) {
            m_command = m_own;
            m_is_foreign = false;
        }
    }

    bool has(const std::string& option) const
    {
        return m_app.get_option_no_throw(option) != nullptr ||
               (m_command != nullptr && m_command->get_option_no_throw(option) != nullptr);
    }

    static void require(bool is_there, const std::string& what)
    {
        if (!is_there) {
            throw std::runtime_error("a hint names " + what + ", which is not there");
        }
    }

    CLI::App& m_app;
    CLI::App* m_own = nullptr;     // of the run
    CLI::App* m_command = nullptr; // that an option would be for
    bool m_is_behind_program = false;
    bool m_is_foreign = false;
};

std::vector<std::string> hints_in(const std::string& err)
{
    std::vector<std::string> hints;
    std::istringstream lines(err);
    for (std::string line; std::getline(lines, line);) {
        const std::string text = line.starts_with("crudctl: ") ? line.substr(9) : line;
        const std::size_t at = std::min(text.find_first_not_of(' '), text.size());
        if (text.substr(at).starts_with(label)) {
            hints.push_back(text.substr(at + label.size()));
        }
    }
    return hints;
}

std::vector<std::string> command_at(CLI::App& app, std::span<const std::string> words,
                                    const std::set<std::string>& names)
{
    std::vector<std::string> command = {words.front()};
    const CLI::App* own = find_command(app, words.front());
    bool is_value_next = false;
    for (const std::string& word : words.subspan(1)) {
        const CLI::Option* option = own->get_option_no_throw(word);
        option = option == nullptr ? app.get_option_no_throw(word) : option;
        if (!is_value_next && option == nullptr && !names.contains(word)) {
            break;
        }
        is_value_next = !is_value_next && option != nullptr && option->get_items_expected_max() > 0;
        command.push_back(word);
    }
    return command;
}

} // namespace

std::vector<std::vector<std::string>> commands_in_hints(const std::string& err,
                                                        const std::set<std::string>& names)
{
    commands::Invocation chosen;
    const auto app = cli::make_app(chosen);
    std::vector<std::vector<std::string>> commands;
    for (const std::string& hint : hints_in(err)) {
        const std::vector<std::string> words = words_of(hint);
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (bare(words[i]) == program && i + 1 < words.size() &&
                find_command(*app, words[i + 1]) != nullptr) {
                commands.push_back(command_at(*app, std::span(words).subspan(i + 1), names));
            }
        }
    }
    return commands;
}

void require_possible_hints(const std::vector<std::string>& arguments, const std::string& err)
{
    const std::vector<std::string> hints = hints_in(err);
    if (hints.empty()) {
        return;
    }
    commands::Invocation chosen;
    const auto app = cli::make_app(chosen);
    for (const std::string& hint : hints) {
        try {
            HintReader(*app, arguments).read(hint);
        } catch (const std::runtime_error& error) {
            throw std::runtime_error(error.what() + (": " + hint));
        }
    }
}

} // namespace crudctl::tests
