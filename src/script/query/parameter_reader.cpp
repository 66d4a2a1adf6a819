#include "script/query/parameter_reader.hpp"

#include "script/sql/character_class.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/variables.hpp"

#include <fmt/format.h>

namespace crudctl::script {

namespace {

bool is_name(std::string_view text)
{
    return Variables::is_name(text) && starts_name(text.front());
}

std::optional<ParameterReference> percent_reference_at(std::string_view text)
{
    const std::size_t end = text.find(')');
    if (!text.starts_with("%(") || end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(end + 1);
    const bool is_complete =
        rest.starts_with('s') && (rest.size() == 1 || !continues_name(rest[1]));
    const std::string_view name = text.substr(2, end - 2);
    return is_complete && is_name(name) ? std::optional(ParameterReference{name, 0, end + 2})
                                        : std::nullopt;
}

bool ends_value(const Token& token, std::string_view text)
{
    return token.kind != TokenKind::symbol || text == ")" || text == "]";
}

} // namespace

bool ParameterReader::has_percent_reference() const
{
    Lexer lexer;
    while (const Token* token = lexer.next(m_statement, true)) {
        const std::string_view text = m_statement.substr(token->begin);
        if (token->kind == TokenKind::symbol && text.starts_with("%%")) {
            lexer.restart(token->begin + 2);
        } else if (token->kind == TokenKind::symbol && percent_reference_at(text)) {
            return true;
        }
    }
    return false;
}

std::optional<ParameterReference> ParameterReader::next()
{
    while (const Token* token = m_lexer.next(m_statement, true)) {
        m_at = token->begin;
        const std::size_t end = token->end;
        const bool follows_value = m_last_is_value && m_last_end == m_at;
        m_last_is_value = ends_value(*token, m_statement.substr(m_at, end - m_at));
        m_last_end = end;
        if (auto reference = reference_of(*token, follows_value)) {
            reference->at = m_at;
            m_last_is_value = true;
            m_last_end = m_at + reference->size;
            m_lexer.restart(m_last_end);
            return reference;
        }
    }
    return std::nullopt;
}

std::optional<ParameterReference> ParameterReader::reference_of(const Token& token,
                                                                bool follows_value)
{
    refuse_numbers(token);
    if (token.kind != TokenKind::symbol) {
        return std::nullopt;
    }
    const std::string_view text = here();
    if (text.starts_with("::") || text.starts_with("%%")) {
        m_lexer.restart(m_at + 2);
        return std::nullopt;
    }
    if (text.starts_with(':')) {
        return colon_reference(follows_value);
    }
    if (!text.starts_with('%')) {
        return std::nullopt;
    }
    const auto reference = percent_reference_at(text);
    if (!reference) {
        refuse_percent();
    }
    return reference;
}

std::optional<ParameterReference> ParameterReader::colon_reference(bool follows_value) const
{
    const auto found = reference_at(here(), true).reference;
    using Form = VariableReference::Form;
    const bool is_none =
        !found || follows_value || (found->form != Form::test && !starts_name(found->name.front()));
    if (is_none) {
        return std::nullopt;
    }
    if (found->form == Form::identifier || found->form == Form::test) {
        refuse(fmt::format("{} is psql's: only a value can be bound, not a name",
                           here().substr(0, found->size)));
    }
    if (m_is_percent) {
        refuse(fmt::format(":{} in a file that writes its parameters as %(name)s", found->name),
               "one notation a file");
    }
    return ParameterReference{found->name, m_at, found->size};
}

void ParameterReader::refuse_numbers(const Token& token) const
{
    if (token.kind == TokenKind::number && here().starts_with('$')) {
        refuse(fmt::format("{} is a parameter without a name",
                           m_statement.substr(token.begin, token.end - token.begin)),
               "parameters have names here: :name");
    }
}

void ParameterReader::refuse_percent() const
{
    const std::string_view text = here();
    if (text.starts_with("%s") && (text.size() == 2 || !continues_name(text[2]))) {
        refuse("%s is a parameter without a name", "write %(name)s or :name; for a remainder by a "
                                                   "column called s, put a blank behind the %");
    }
    if (m_is_percent && text.starts_with("%(")) {
        refuse("%( begins a parameter that is not complete", "write %(name)s");
    }
}

void ParameterReader::refuse(const std::string& message, const std::string& hint) const
{
    throw ScanError(advanced({}, m_statement.substr(0, m_at)), message, hint);
}

} // namespace crudctl::script
