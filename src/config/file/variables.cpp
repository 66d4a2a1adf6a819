#include "config/file/variables.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

namespace crudctl::config {

namespace {

/// What .env may say of the AWS account.
constexpr std::array account_variables = {"AWS_ACCESS_KEY_ID",         "AWS_SECRET_ACCESS_KEY",
                                          "AWS_SESSION_TOKEN",         "AWS_SECURITY_TOKEN",
                                          "AWS_CREDENTIAL_EXPIRATION", "AWS_REGION",
                                          "AWS_DEFAULT_REGION",        "AWS_PROFILE",
                                          "AWS_DEFAULT_PROFILE"};

bool is_variable_name(std::string_view name)
{
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

/// What a backslash stands for inside "…"; an unknown one stays with its letter.
std::string unescaped(char c)
{
    switch (c) {
    case 'n':
        return "\n";
    case 'r':
        return "\r";
    case 't':
        return "\t";
    case '"':
    case '\\':
    case '$':
        return {c};
    default:
        return {'\\', c};
    }
}

constexpr int deepest_reference = 10;
constexpr std::size_t longest_expanded = 65536; // bytes

class Reader {
public:
    Reader(std::string_view text, const std::string& shown) : m_text(text), m_shown(shown) {}

    Dotenv read()
    {
        constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
        if (m_text.starts_with(byte_order_mark)) {
            m_at = byte_order_mark.size();
        }
        while (m_at < m_text.size()) {
            read_line();
        }
        for (auto& [name, value] : m_result.variables) {
            value = m_literals.contains(name) ? value : expanded(value, deepest_reference);
        }
        return std::move(m_result);
    }

private:
    /// With ${NAME} of the file's own variables: those of the real environment are none of its
    /// business, since it may have come with a clone.
    std::string expanded(const std::string& text, int depth) const
    {
        std::string result;
        std::size_t at = 0;
        for (std::size_t open = text.find("${"); open != std::string::npos && depth > 0;
             open = text.find("${", at)) {
            const std::size_t close = text.find('}', open);
            const auto found =
                close == std::string::npos
                    ? m_result.variables.end()
                    : m_result.variables.find(text.substr(open + 2, close - open - 2));
            const bool is_known = found != m_result.variables.end();
            const std::size_t end = is_known ? close + 1 : open + 2;
            result += text.substr(at, open - at);
            result += is_known ? expanded(found->second, depth - 1) : "${";
            at = end;
            if (result.size() > longest_expanded) { // each of many names many others
                throw Error(ExitCode::configuration,
                            fmt::format("{}: a value with ${{…}} in it has more than {} bytes",
                                        m_shown, longest_expanded));
            }
        }
        return result + text.substr(at);
    }

    void read_line()
    {
        const std::size_t line = m_line;
        const std::string_view rest = m_text.substr(m_at);
        const std::string_view whole = rest.substr(0, rest.find('\n'));
        const std::string_view content = trimmed(whole);
        const auto equals = whole.find('=');
        if (content.empty() || content.front() == '#') {
            skip_line();
            return;
        }
        std::string_view name = trimmed(whole.substr(0, equals));
        if (name.starts_with("export ")) {
            name = trimmed(name.substr(7));
        }
        if (equals == std::string_view::npos || !is_variable_name(name)) {
            m_result.ignored_lines.push_back(line);
            skip_line();
            return;
        }
        m_at += equals + 1;
        const std::size_t value = m_text.find_first_not_of(" \t", m_at);
        if (value != std::string_view::npos && m_text[value] == '\'') {
            m_literals.insert(std::string(name));
        }
        m_result.variables.insert_or_assign(std::string(name), read_value());
    }

    std::string read_value()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t')) {
            ++m_at;
        }
        if (m_at < m_text.size() && (m_text[m_at] == '"' || m_text[m_at] == '\'')) {
            std::string value = read_quoted(m_text[m_at]);
            skip_line();
            return value;
        }
        const std::string_view rest = m_text.substr(m_at);
        std::string_view value = rest.substr(0, rest.find('\n'));
        // A "#" is a comment only behind a blank: passwords and URLs hold it, too.
        value = value.substr(0, std::min(value.find(" #"), value.find("\t#")));
        skip_line();
        return std::string(value.starts_with('#') ? std::string_view() : trimmed(value));
    }

    std::string read_quoted(char quote)
    {
        const std::size_t opening_line = m_line;
        std::string value;
        for (++m_at; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == quote) {
                ++m_at;
                return value;
            }
            m_line += c == '\n' ? 1 : 0;
            if (c == '\\' && quote == '"' && m_at + 1 < m_text.size()) {
                ++m_at;
                value += unescaped(m_text[m_at]);
            } else {
                value += c;
            }
        }
        throw Error(ExitCode::configuration,
                    fmt::format("{}:{}: the quote is never closed", m_shown, opening_line));
    }

    void skip_line()
    {
        const auto end = m_text.find('\n', m_at);
        m_at = end == std::string_view::npos ? m_text.size() : end + 1;
        ++m_line;
    }

    std::string_view m_text;
    const std::string& m_shown;
    std::size_t m_at = 0;
    std::size_t m_line = 1;
    Dotenv m_result;
    std::set<std::string, std::less<>> m_literals; // by name: in single quotes
};

} // namespace

Variables::Variables(Environment real, const Dotenv& dotenv)
    : m_real(std::move(real)), m_with_dotenv(m_real)
{
    for (const auto& [name, value] : dotenv.variables) {
        if (!m_real.value(name)) {
            m_with_dotenv.set(name, value);
        }
    }
}

std::optional<Variable> Variables::find(std::string_view name) const
{
    const auto value = m_with_dotenv.value(name);
    if (!value) {
        return std::nullopt;
    }
    const bool is_real = m_real.value(name).has_value();
    return Variable{*value, std::string(name) + (is_real ? "" : " in .env")};
}

std::optional<Variable> Variables::find_real(std::string_view name) const
{
    const auto value = m_real.value(name);
    return value ? std::optional(Variable{*value, std::string(name)}) : std::nullopt;
}

Environment Variables::for_aws() const
{
    Environment environment = m_real;
    for (const char* name : account_variables) {
        if (const auto value = m_with_dotenv.value(name)) {
            environment.set(name, *value);
        }
    }
    return environment;
}

std::vector<std::string> Variables::names() const
{
    std::vector<std::string> names;
    for (const auto& [name, value] : m_with_dotenv.variables()) {
        if (!value.empty()) {
            names.push_back(name);
        }
    }
    return names;
}

Dotenv parse_dotenv(std::string_view text, const std::string& shown)
{
    return Reader(text, shown).read();
}

} // namespace crudctl::config
