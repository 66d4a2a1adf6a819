#include "script/sql/variables.hpp"

#include "script/sql/character_class.hpp"
#include "script/sql/sql_secrets.hpp"

#include <algorithm>
#include <utility>

namespace crudctl::script {

namespace {

std::size_t name_length(std::string_view text)
{
    const auto end =
        std::find_if_not(text.begin(), text.end(), [](char c) { return continues_tag(c); });
    return static_cast<std::size_t>(end - text.begin());
}

std::string doubled(std::string_view text, char quote)
{
    std::string result(1, quote);
    for (const char c : text) {
        result.append(c == quote ? 2 : 1, c);
    }
    return result + quote;
}

} // namespace

void Variables::set(std::string name, std::string value)
{
    m_values.insert_or_assign(std::move(name), std::move(value));
}

void Variables::unset(std::string_view name)
{
    const auto found = m_values.find(name);
    if (found != m_values.end()) {
        m_values.erase(found);
    }
}

const std::string* Variables::find(std::string_view name) const
{
    const auto found = m_values.find(name);
    return found == m_values.end() ? nullptr : &found->second;
}

std::vector<std::string> Variables::secret_values() const
{
    std::vector<std::string> values;
    for (const auto& [name, value] : m_values) {
        if (names_secret(name)) {
            values.push_back(value);
        }
    }
    return values;
}

bool Variables::is_name(std::string_view name)
{
    return !name.empty() && name_length(name) == name.size();
}

ReferenceScan reference_at(std::string_view text, bool is_last)
{
    using Form = VariableReference::Form;
    const auto character = [&](std::size_t at) { return at < text.size() ? text[at] : '\0'; };
    const char opening = character(1);
    const bool is_test = opening == '{';
    const char closing = is_test ? '}' : opening;
    const bool is_quoted = opening == '\'' || opening == '"' || is_test;
    const std::size_t begin = is_test ? 3 : is_quoted ? 2 : 1;
    if (is_test && character(2) != '?' && (text.size() > 2 || is_last)) {
        return {};
    }
    const std::size_t length = begin < text.size() ? name_length(text.substr(begin)) : 0;
    const std::size_t end = begin + length;
    if (end >= text.size() && !is_last) {
        return {std::nullopt, true};
    }
    if (length == 0 || (is_quoted && character(end) != closing)) {
        return {};
    }
    const Form form = is_test           ? Form::test
                      : opening == '\'' ? Form::literal
                      : opening == '"'  ? Form::identifier
                                        : Form::value;
    return {VariableReference{form, text.substr(begin, length), end + (is_quoted ? 1 : 0)}, false};
}

// A backslash gets a form of its own.
std::string literal_text(std::string_view value)
{
    if (value.find('\\') == std::string_view::npos) {
        return doubled(value, '\'');
    }
    std::string escaped;
    for (const char c : value) {
        escaped.append(c == '\\' ? 2 : 1, c);
    }
    return " E" + doubled(escaped, '\'');
}

std::optional<std::string> expansion_of(const VariableReference& reference,
                                        const Variables& variables)
{
    const std::string* value = variables.find(reference.name);
    if (reference.form == VariableReference::Form::test) {
        return value == nullptr ? "FALSE" : "TRUE";
    }
    if (value == nullptr) {
        return std::nullopt;
    }
    switch (reference.form) {
    case VariableReference::Form::literal:
        return literal_text(*value);
    case VariableReference::Form::identifier:
        return doubled(*value, '"');
    default:
        return *value;
    }
}

} // namespace crudctl::script
