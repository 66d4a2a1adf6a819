#include "script/sql/meta_command.hpp"

#include "script/sql/character_class.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view copy_name = "copy";
constexpr std::string_view argument_blanks = " \t\r\n\v\f";

/// Takes a command's arguments apart, character by character.
class ArgumentReader {
public:
    ArgumentReader(std::string_view text, const Variables& variables)
        : m_text(text), m_variables(variables)
    {}

    std::vector<std::string> all()
    {
        std::vector<std::string> arguments;
        while (skip_blanks()) {
            arguments.push_back(argument());
        }
        return arguments;
    }

private:
    bool skip_blanks()
    {
        m_at = std::min(m_text.find_first_not_of(argument_blanks, m_at), m_text.size());
        return m_at < m_text.size();
    }

    std::string argument()
    {
        std::string value;
        while (m_at < m_text.size() && !is_blank(m_text[m_at])) {
            switch (m_text[m_at]) {
            case '\'':
                value += single_quoted();
                break;
            case '"':
                value += double_quoted();
                break;
            case '`':
                throw Error(ExitCode::failed, "a backquote runs a program, which nobody has asked "
                                              "for");
            case ':':
                value += reference();
                break;
            default:
                value += m_text[m_at++];
            }
        }
        return value;
    }

    std::string single_quoted()
    {
        std::string value;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            if (m_text[m_at] == '\\') {
                value += escape();
            } else if (m_text[m_at] != '\'') {
                value += m_text[m_at];
            } else if (m_text.substr(m_at + 1).starts_with('\'')) {
                value += m_text[m_at++];
            } else {
                ++m_at;
                return value;
            }
        }
        throw Error(ExitCode::failed, "a quote that is never closed");
    }

    std::string double_quoted()
    {
        const std::size_t end = m_text.find('"', m_at + 1);
        if (end == std::string_view::npos) {
            throw Error(ExitCode::failed, "a quote that is never closed");
        }
        std::string value(m_text.substr(m_at, end + 1 - m_at));
        m_at = end + 1;
        return value;
    }

    std::string reference()
    {
        const auto found = reference_at(m_text.substr(m_at), true).reference;
        const auto value = found ? expansion_of(*found, m_variables) : std::nullopt;
        if (!value) {
            return {m_text[m_at++]};
        }
        m_at += found->size;
        return *value;
    }

    /// Behind a backslash; leaves m_at at its last character.
    char escape()
    {
        ++m_at;
        const char c = m_at < m_text.size() ? m_text[m_at] : '\\';
        switch (c) {
        case 'n':
            return '\n';
        case 't':
            return '\t';
        case 'b':
            return '\b';
        case 'r':
            return '\r';
        case 'f':
            return '\f';
        case 'x':
            return number(m_at + 1, 2, 16);
        default:
            return is_digit(c) ? number(m_at, 3, 8) : c;
        }
    }

    char number(std::size_t at, std::size_t most_digits, int base)
    {
        const std::string_view digits = m_text.substr(at, most_digits);
        unsigned value = 0;
        const char* end =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
        if (end == digits.data()) {
            return m_text[m_at];
        }
        m_at = at + static_cast<std::size_t>(end - digits.data()) - 1;
        return static_cast<char>(value);
    }

    std::string_view m_text;
    const Variables& m_variables;
    std::size_t m_at = 0;
};

} // namespace

std::size_t meta_command_size(std::string_view line)
{
    const std::string_view name = parse_meta_command(line).name;
    if (name == copy_name || name == "!") {
        return line.size();
    }
    char quote = '\0';
    for (std::size_t at = 2; at < line.size(); ++at) {
        const char c = line[at];
        if (quote != '\0') {
            at += c == '\\' && quote == '\'' ? 1 : 0;
            quote = c == quote ? '\0' : quote;
        } else if (c == '\'' || c == '"' || c == '`') {
            quote = c;
        } else if (c == '\\') {
            return at;
        }
    }
    return line.size();
}

MetaCommand parse_meta_command(std::string_view text)
{
    text.remove_prefix(std::min<std::size_t>(text.size(), 1));
    std::size_t end = std::min(text.find_first_of(" \t\r\n\\"), text.size());
    if (text.starts_with('!')) {
        end = 1;
    }
    // Of all names psql compares this one in any case.
    const std::string_view name = text.substr(0, end);
    return {equal_ignoring_case(name, copy_name) ? copy_name : name, trimmed(text.substr(end))};
}

std::vector<std::string> arguments_of(const MetaCommand& command, const Variables& variables)
{
    return ArgumentReader(command.arguments, variables).all();
}

std::string unquoted_name(std::string_view argument)
{
    if (argument.size() < 2 || !argument.starts_with('"') || !argument.ends_with('"')) {
        return std::string(argument);
    }
    std::string name;
    for (std::size_t at = 1; at + 1 < argument.size(); ++at) {
        name += argument[at];
        at += argument[at] == '"' ? 1 : 0;
    }
    return name;
}

namespace {

constexpr std::string_view display_commands =
    " a C f H pset t T timing x errverbose l conninfo list z sf sv p print h ? ";
constexpr std::string_view other_commands =
    " ! ; bind bind_named c cd close_prepared connect copy copyright crosstabview e echo edit ef "
    "elif else encoding endif ev g gdesc getenv gexec gset gx help html i if include "
    "include_relative ir lo_export lo_import lo_list lo_unlink o out parse password prompt q qecho "
    "quit r reset restrict s set setenv unrestrict unset w warn watch write ";

bool has_word(std::string_view words, std::string_view word)
{
    return words.find(fmt::format(" {} ", word)) != std::string_view::npos;
}

} // namespace

bool only_shows_something(std::string_view name)
{
    // All that begin with d describe.
    return name.starts_with('d') ||
           has_word(display_commands, name.substr(0, name.find_last_not_of('+') + 1));
}

bool is_psql_command(std::string_view name)
{
    return only_shows_something(name) || has_word(other_commands, name);
}

} // namespace crudctl::script
