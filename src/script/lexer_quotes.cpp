#include "script/lexer.hpp"

#include "script/character_class.hpp"

#include <algorithm>

namespace crudctl::script {

Lexer::Progress Lexer::step_line_comment()
{
    while (m_at < m_text.size() && !is_newline(m_text[m_at])) {
        ++m_at;
    }
    if (is_unknown(0)) {
        return Progress::starved;
    }
    m_state = m_after_comment;
    return Progress::going_on;
}

Lexer::Progress Lexer::step_block_comment()
{
    m_at = std::min(m_text.find_first_of("*/", m_at), m_text.size());
    if (m_at == m_text.size() || is_unknown(1)) {
        return Progress::starved;
    }
    if (m_text[m_at] == '/' && peek(1) == '*') {
        ++m_depth;
        ++m_at;
    } else if (m_text[m_at] == '*' && peek(1) == '/') {
        --m_depth;
        ++m_at;
    }
    ++m_at;
    m_state = m_depth == 0 ? State::between : State::block_comment;
    return Progress::going_on;
}

Lexer::Progress Lexer::step_string()
{
    m_at =
        m_form == StringForm::escape ? m_text.find_first_of("'\\", m_at) : m_text.find('\'', m_at);
    m_at = std::min(m_at, m_text.size());
    if (m_at == m_text.size()) {
        return Progress::starved;
    }
    const bool is_doubled = m_form != StringForm::bits && peek(1) == '\'';
    if (m_text[m_at] == '\\' || is_doubled) {
        if (m_at + 1 == m_text.size()) {
            return Progress::starved;
        }
        m_at += 2;
        return Progress::going_on;
    }
    if (m_form != StringForm::bits && is_unknown(1)) {
        return Progress::starved;
    }
    m_string_end = ++m_at;
    m_saw_newline = false;
    m_state = State::after_string;
    return Progress::going_on;
}

Lexer::Progress Lexer::step_after_string()
{
    while (m_at < m_text.size() && is_blank(m_text[m_at])) {
        m_saw_newline = m_saw_newline || is_newline(m_text[m_at]);
        ++m_at;
    }
    if (is_unknown(0) || (peek(0) == '-' && is_unknown(1))) {
        return Progress::starved;
    }
    if (peek(0) == '\'' && m_saw_newline) {
        return enter(State::string, 1);
    }
    if (peek(0) == '-' && peek(1) == '-') {
        m_after_comment = State::after_string;
        return enter(State::line_comment, 2);
    }
    return finish(TokenKind::string, m_string_end);
}

Lexer::Progress Lexer::step_quoted_name()
{
    m_at = std::min(m_text.find('"', m_at), m_text.size());
    if (m_at == m_text.size() || is_unknown(1)) {
        return Progress::starved;
    }
    if (peek(1) == '"') {
        m_at += 2;
        return Progress::going_on;
    }
    return finish(TokenKind::quoted_name, m_at + 1);
}

Lexer::Progress Lexer::step_dollar_tag()
{
    while (m_at < m_text.size() && continues_tag(m_text[m_at])) {
        ++m_at;
    }
    if (is_unknown(0)) {
        return Progress::starved;
    }
    if (peek(0) == '$') {
        m_tag = m_text.substr(m_begin, m_at + 1 - m_begin);
        return enter(State::dollar_string, 1);
    }
    // Not a tag after all: a lone dollar, and what follows it is a word by itself.
    const std::size_t after_dollar = m_begin + 1;
    const State state = m_at > after_dollar ? State::word : State::between;
    const std::size_t at = m_at;
    finish(TokenKind::symbol, after_dollar);
    m_state = state;
    m_begin = after_dollar;
    m_at = at;
    return Progress::token;
}

Lexer::Progress Lexer::step_dollar_string()
{
    m_at = std::min(m_text.find('$', m_at), m_text.size());
    if (m_text.size() - m_at < m_tag.size()) {
        return Progress::starved;
    }
    if (m_text.compare(m_at, m_tag.size(), m_tag) == 0) {
        return finish(TokenKind::string, m_at + m_tag.size());
    }
    ++m_at;
    return Progress::going_on;
}

} // namespace crudctl::script
