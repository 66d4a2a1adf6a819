#include "script/reader/psql_walk.hpp"

#include "script/reader/file_rules.hpp"
#include "script/sql/literal.hpp"
#include "script/sql/meta_command.hpp"
#include "script/sql/scanner.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

namespace crudctl::script {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_file = std::size_t{256} << 20U;

bool is_inclusion(const MetaCommand& command)
{
    return command.name == "i" || command.name == "ir" || command.name == "include" ||
           command.name == "include_relative";
}

/// The word behind a setting's name in SQL or behind \set, without quotes: `= on`, `, 'on'`.
std::string_view value_behind(std::string_view text, std::size_t at)
{
    at = std::min(text.find_first_not_of("'\"", at), text.size());
    at = skip_blanks(text, at);
    if (text.substr(at, 3) == "to ") {
        at += 3;
    }
    at = std::min(text.find_first_not_of("=,'\" \t", at), text.size());
    return text.substr(at, text.find_first_of("'\";,) \t\r\n", at) - at);
}

/// Whether a setting is given another value than those at which crudctl reads as psql does.
template <std::size_t Count>
bool sets_otherwise(std::string_view text, std::string_view setting,
                    const std::array<std::string_view, Count>& values)
{
    for (std::size_t at = text.find(setting); at != std::string_view::npos;
         at = text.find(setting, at + 1)) {
        const std::string_view value = value_behind(text, at + setting.size());
        if (std::ranges::find(values, value) == values.end()) {
            return true;
        }
    }
    return false;
}

/// SET NAMES 'encoding', however it is spaced.
bool sets_names(std::string_view lower)
{
    constexpr std::string_view word = "names";
    for (std::size_t at = lower.find(word); at != std::string_view::npos;
         at = lower.find(word, at + 1)) {
        const std::size_t value = skip_blanks(lower, at + word.size());
        const bool is_literal = value < lower.size() &&
                                std::string_view("'$eu").find(lower[value]) != std::string::npos;
        const std::size_t before = lower.substr(0, at).find_last_not_of(" \t\r\n");
        const bool is_setting =
            before != std::string_view::npos && (lower.substr(0, before + 1).ends_with("set") ||
                                                 lower.substr(0, before + 1).ends_with("session") ||
                                                 lower.substr(0, before + 1).ends_with("local") ||
                                                 lower.substr(0, before + 1).ends_with("*/"));
        if (is_literal && is_setting) {
            return true;
        }
    }
    return false;
}

/// set_config() of a name that isn't written there as a plain literal.
bool sets_unknown(std::string_view lower)
{
    constexpr std::string_view word = "set_config";
    for (std::size_t at = lower.find(word); at != std::string_view::npos;
         at = lower.find(word, at + 1)) {
        std::size_t name = skip_blanks(lower, at + word.size());
        name = skip_blanks(lower, std::min(name + 1, lower.size())); // behind the parenthesis
        if (name >= lower.size() || lower[name] != '\'') {
            return true;
        }
        const std::size_t end = std::min(lower.find('\'', name + 1), lower.size() - 1);
        const std::size_t comma = skip_blanks(lower, end + 1);
        if (comma >= lower.size() || lower[comma] != ',') {
            return true;
        }
    }
    return false;
}

/// Another meaning of quotes, lines or bytes, several statements as one, or errors that psql passes
/// over.
bool changes_reading(std::string_view text)
{
    constexpr std::array<std::string_view, 4> switched_on = {"on", "true", "1", "yes"};
    constexpr std::array<std::string_view, 4> utf8 = {"utf8", "utf-8", "unicode", "sql_ascii"};
    constexpr std::array<std::string_view, 4> switched_off = {"off", "false", "0", "no"};
    const std::string lower = lower_ascii(text);
    return sets_otherwise(lower, "standard_conforming_strings", switched_on) ||
           sets_otherwise(lower, "on_error_stop", switched_on) ||
           sets_otherwise(lower, "client_encoding", utf8) ||
           sets_otherwise(lower, "\\encoding", utf8) ||
           sets_otherwise(lower, "singleline", switched_off) || sets_names(lower) ||
           sets_unknown(lower) || lower.find("\\;") != std::string::npos;
}

/// Whether a string ends elsewhere if a backslash means something in it, which code may bring about
/// in ways that can't be followed: one stands before a quote there.
bool may_end_elsewhere(std::string_view statement)
{
    TokenReader reader(statement, Backslashes::literal);
    while (const Token* const token = reader.next()) {
        const std::string_view text = reader.text_of(*token);
        if (token->kind == TokenKind::string && text.starts_with('\'') &&
            text.find("\\'") != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

/// Whether the word stands anywhere but in a comment that is one however the text is read: a dump
/// begins and ends with "-- PostgreSQL database dump".
bool may_name_database(std::string_view text)
{
    while (!text.empty()) {
        const std::string line = lower_ascii(text.substr(0, text.find('\n')));
        const bool is_comment =
            line.starts_with("--") && line.find_first_of("'\"$;\\*") == std::string::npos;
        if (!is_comment && line.find("database") != std::string::npos) {
            return true;
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return false;
}

class PsqlWalk {
public:
    PsqlWalk(const std::vector<std::string>& variables,
             const std::function<void(const PsqlPiece&)>& take)
        : m_take(take)
    {
        for (const std::string& variable : variables) {
            const std::size_t sign = variable.find('=');
            m_variables.set(variable.substr(0, sign),
                            sign == std::string::npos ? "" : variable.substr(sign + 1));
        }
    }

    void take_file(const ScriptFile& file)
    {
        if (!m_seen.insert(file.path.lexically_normal()).second) {
            return;
        }
        const std::string text = read_file(file.path, largest_file).text;
        m_is_unread = m_is_unread || changes_reading(text);
        try {
            take_items(file, text);
        } catch (const ScanError&) {
            m_is_unread = true;
        }
        if (m_is_unread || (m_has_condition && m_has_more)) {
            m_take({PsqlPiece::Kind::unread, sha256_hex(text), may_name_database(text), file.shown,
                    1});
        }
    }

private:
    void take_items(const ScriptFile& file, const std::string& text)
    {
        Scanner scanner;
        scanner.expand(m_variables);
        scanner.feed(text);
        scanner.finish();
        while (const auto item = scanner.next()) {
            m_has_more = m_has_more || item->is_copy_from_stdin;
            if (item->kind == Item::Kind::statement) {
                m_is_unread = m_is_unread || may_end_elsewhere(item->text);
                m_take({PsqlPiece::Kind::statement, std::string(item->text), false, file.shown,
                        item->place.line});
            } else if (item->kind == Item::Kind::meta_command) {
                const std::string line(item->text);
                const MetaCommand command = parse_meta_command(line);
                take_command(command, line, file, item->place.line);
                if (command.name == "copy" && copy_way(command.arguments) == CopyWay::from_lines) {
                    scanner.begin_copy_data(item->place);
                    m_has_more = true;
                }
            }
        }
    }

    void take_command(const MetaCommand& command, const std::string& line, const ScriptFile& file,
                      std::size_t number)
    {
        m_has_condition = m_has_condition || command.name == "if";
        // psql runs a command in a variable's value, too: one of these is known to psql alone.
        m_is_unread = m_is_unread || command.name == "gset" || command.name == "prompt";
        if (command.name == "set" || command.name == "unset") {
            take_setting(command);
        }
        if (!is_inclusion(command) || !follow(command, line, file)) {
            m_take({PsqlPiece::Kind::command, line, false, file.shown, number});
        }
    }

    void take_setting(const MetaCommand& command)
    {
        m_has_more = true;
        try {
            std::vector<std::string> arguments = arguments_of(command, m_variables);
            if (arguments.empty()) {
                return;
            }
            std::string value;
            for (std::size_t i = 1; i < arguments.size(); ++i) {
                value += arguments[i];
            }
            m_is_unread = m_is_unread || value.find('\\') != std::string::npos;
            m_variables.set(arguments.front(), value);
        } catch (const Error&) { // what a program says, or a quote that is not closed
            return;
        }
    }

    /// False where psql alone would know which file that is.
    bool follow(const MetaCommand& command, const std::string& line, const ScriptFile& file)
    {
        const std::string_view word = command.arguments;
        if (word.empty() || word.find_first_of("'\":\\ \t;") != std::string_view::npos ||
            line.find_first_of("`|") != std::string::npos) {
            return false;
        }
        const bool is_relative = command.name.find('r') != std::string_view::npos;
        const fs::path path =
            is_relative ? file.path.parent_path() / word : fs::absolute(fs::path(word));
        const fs::path shown = is_relative ? fs::path(file.shown).parent_path() / word : word;
        try {
            take_file({path, shown.lexically_normal().string()});
            return true;
        } catch (const Error&) {
            return false;
        }
    }

    const std::function<void(const PsqlPiece&)>& m_take;
    Variables m_variables;
    std::set<fs::path> m_seen;
    bool m_is_unread = false; // this file, or one before it
    bool m_has_condition = false;
    bool m_has_more = false; // than statements, on which a condition would act
};

} // namespace

void walk_psql_files(const std::vector<ScriptFile>& files,
                     const std::vector<std::string>& variables,
                     const std::function<void(const PsqlPiece&)>& take)
{
    PsqlWalk walk(variables, take);
    for (const ScriptFile& file : files) {
        walk.take_file(file);
    }
}

} // namespace crudctl::script
