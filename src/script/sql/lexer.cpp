#include "script/sql/lexer.hpp"

#include "script/sql/character_class.hpp"

#include <algorithm>

namespace crudctl::script {

const Token* Lexer::next(std::string_view text, bool is_last)
{
    m_text = text;
    m_is_last = is_last;
    if (m_has_given_token) {
        m_has_given_token = false;
        m_comment = npos;
    }
    for (;;) {
        switch (step()) {
        case Progress::going_on:
            break;
        case Progress::token:
            m_has_given_token = true;
            return &m_token;
        case Progress::starved:
            return nullptr;
        }
    }
}

void Lexer::restart(std::size_t at)
{
    m_state = State::between;
    m_at = at;
    m_comment = npos;
}

void Lexer::drop(std::size_t count)
{
    m_at -= count;
    m_begin -= std::min(count, m_begin);
    m_string_end -= std::min(count, m_string_end);
    m_comment = m_comment == npos || m_comment < count ? npos : m_comment - count;
}

std::string_view Lexer::open() const
{
    switch (m_state) {
    case State::string:
        return "quoted string";
    case State::quoted_name:
        return "quoted name";
    case State::dollar_string:
        return "dollar-quoted string";
    case State::block_comment:
        return "comment";
    default:
        return {};
    }
}

Lexer::Progress Lexer::step()
{
    switch (m_state) {
    case State::between:
        return step_between();
    case State::word:
        return step_word();
    case State::number:
        return step_number();
    case State::parameter:
        return skip_digits() ? finish(TokenKind::number, m_at) : Progress::starved;
    case State::line_comment:
        return step_line_comment();
    case State::block_comment:
        return step_block_comment();
    case State::string:
        return step_string();
    case State::after_string:
        return step_after_string();
    case State::quoted_name:
        return step_quoted_name();
    case State::dollar_tag:
        return step_dollar_tag();
    case State::dollar_string:
        return step_dollar_string();
    }
    return Progress::starved;
}

Lexer::Progress Lexer::step_between()
{
    while (m_at < m_text.size() && is_blank(m_text[m_at])) {
        ++m_at;
    }
    if (m_at == m_text.size()) {
        return Progress::starved;
    }
    const char c = m_text[m_at];
    if ((c == '-' || c == '/' || c == '$') && is_unknown(1)) {
        return Progress::starved;
    }
    m_begin = m_at;
    // An operator ends where a comment begins inside of it, so that looking at every character of
    // it by itself finds the same comments.
    if (c == '-' && peek(1) == '-') {
        m_after_comment = State::between;
        return enter(State::line_comment, 2);
    }
    if (c == '/' && peek(1) == '*') {
        m_depth = 1;
        m_comment = m_comment == npos ? m_at : m_comment;
        return enter(State::block_comment, 2);
    }
    return begin_token(c);
}

Lexer::Progress Lexer::begin_token(char c)
{
    if (starts_name(c)) {
        enter(State::word, 1);
        return step_word();
    }
    if (is_digit(c)) {
        m_part = NumberPart::whole;
        enter(State::number, 1);
        return step_number();
    }
    switch (c) {
    case '\'':
        return enter_string(
            m_backslashes == Backslashes::escape ? StringForm::escape : StringForm::plain, 1);
    case '"':
        return enter(State::quoted_name, 1);
    case '$':
        return enter(is_digit(peek(1)) ? State::parameter : State::dollar_tag, 1);
    default:
        return finish(TokenKind::symbol, m_at + 1);
    }
}

Lexer::Progress Lexer::step_word()
{
    while (m_at < m_text.size() && continues_name(m_text[m_at])) {
        ++m_at;
    }
    if (is_unknown(0)) {
        return Progress::starved;
    }
    if (m_at - m_begin > 1) {
        return finish(TokenKind::word, m_at);
    }
    const char prefix = static_cast<char>(m_text[m_begin] | 0x20); // lower case, for letters
    if (peek(0) == '\'' && prefix == 'e') {
        return enter_string(StringForm::escape, 1);
    }
    if (peek(0) == '\'' && (prefix == 'b' || prefix == 'x')) {
        return enter_string(StringForm::bits, 1);
    }
    if (peek(0) == '&' && prefix == 'u') {
        if (is_unknown(1)) {
            return Progress::starved;
        }
        if (peek(1) == '\'') {
            return enter_string(StringForm::plain, 2);
        }
        if (peek(1) == '"') {
            return enter(State::quoted_name, 2);
        }
    }
    return finish(TokenKind::word, m_at);
}

// After `1e5` a dollar begins a string; after `e5` it belongs to the name: numbers matter.
Lexer::Progress Lexer::step_number()
{
    if (!skip_digits()) {
        return Progress::starved;
    }
    if (m_part == NumberPart::whole && peek(0) == '.') {
        if (is_unknown(1)) {
            return Progress::starved;
        }
        if (peek(1) != '.') {
            m_part = NumberPart::fraction;
            return enter(State::number, 1);
        }
    }
    if (m_part != NumberPart::exponent && (peek(0) == 'e' || peek(0) == 'E')) {
        if (is_unknown(1)) {
            return Progress::starved;
        }
        const bool has_sign = peek(1) == '+' || peek(1) == '-';
        if (has_sign && is_unknown(2)) {
            return Progress::starved;
        }
        if (is_digit(peek(has_sign ? 2 : 1))) {
            m_part = NumberPart::exponent;
            return enter(State::number, has_sign ? 2 : 1);
        }
    }
    return finish(TokenKind::number, m_at);
}

Lexer::Progress Lexer::enter(State state, std::size_t length)
{
    m_state = state;
    m_at += length;
    return Progress::going_on;
}

Lexer::Progress Lexer::enter_string(StringForm form, std::size_t length)
{
    m_form = form;
    return enter(State::string, length);
}

Lexer::Progress Lexer::finish(TokenKind kind, std::size_t end)
{
    m_token = {kind, m_begin, end};
    // After a string m_at stands behind the blanks that might have led to a continuation.
    m_at = std::max(m_at, end);
    m_state = State::between;
    return Progress::token;
}

bool Lexer::is_unknown(std::size_t ahead) const
{
    return !m_is_last && m_at + ahead >= m_text.size();
}

char Lexer::peek(std::size_t ahead) const
{
    return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
}

// False where more digits may come.
bool Lexer::skip_digits()
{
    while (m_at < m_text.size()) {
        const bool has_separator = m_text[m_at] == '_' && is_digit(peek(1));
        if (m_text[m_at] == '_' && is_unknown(1)) {
            return false;
        }
        if (!is_digit(m_text[m_at]) && !has_separator) {
            break;
        }
        m_at += has_separator ? 2 : 1;
    }
    return !is_unknown(0);
}

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
