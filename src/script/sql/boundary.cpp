#include "script/sql/boundary.hpp"

#include "support/text/text.hpp"

namespace crudctl::script {

bool StatementBoundary::ends_with(const Token& token, std::string_view text)
{
    Level& level = innermost();
    if (token.kind == TokenKind::word) {
        take_word(text, token.begin);
        return false;
    }
    const char symbol = token.kind == TokenKind::symbol ? text.front() : '\0';
    level.begin_before.reset();
    if (symbol == ';' && m_parentheses == level.parentheses) {
        level.head = Head::start;
        level.is_at_start = true;
        return m_bodies.empty();
    }
    take_parenthesis(symbol, token.begin);
    level.head = level.head == Head::routine ? Head::routine : Head::other;
    level.is_at_start = false;
    take_copy_symbol(symbol);
    return false;
}

std::optional<StatementBoundary::Open> StatementBoundary::open() const
{
    if (m_parentheses > 0) {
        return Open{"parenthesis", m_outermost};
    }
    if (!m_bodies.empty()) {
        return Open{"BEGIN ATOMIC", m_bodies.front().opened_at};
    }
    return std::nullopt;
}

void StatementBoundary::drop(std::size_t count)
{
    m_outermost -= m_parentheses > 0 ? count : 0;
    for (Level& body : m_bodies) {
        body.opened_at -= count;
    }
    if (innermost().begin_before) {
        *innermost().begin_before -= count;
    }
}

void StatementBoundary::take_parenthesis(char c, std::size_t at)
{
    if (c == '(') {
        m_outermost = m_parentheses == 0 ? at : m_outermost;
        ++m_parentheses;
    } else if (c == ')' && m_parentheses > innermost().parentheses) {
        --m_parentheses;
    }
}

void StatementBoundary::take_word(std::string_view word, std::size_t at)
{
    Level& level = innermost();
    const bool is_outside = m_parentheses == level.parentheses;
    // In a body only its own END can stand where a statement begins: END as COMMIT is not allowed
    // there, and the END of a CASE or a column called "end" stands behind something.
    if (level.is_at_start && !m_bodies.empty() && equal_ignoring_case(word, "end")) {
        m_bodies.pop_back();
        return;
    }
    if (level.begin_before && equal_ignoring_case(word, "atomic")) {
        const std::size_t opened_at = *level.begin_before;
        level.begin_before.reset();
        m_bodies.push_back({opened_at, m_parentheses, Head::start, true, {}});
        return;
    }
    level.begin_before.reset();
    level.head = next_head(level.head, word);
    level.is_at_start = false;
    if (level.head == Head::routine && is_outside && equal_ignoring_case(word, "begin")) {
        level.begin_before = at;
    }
    if (m_bodies.empty() && is_outside) {
        take_copy(word);
    }
}

void StatementBoundary::take_copy(std::string_view word)
{
    switch (m_copy) {
    case Copy::start:
        m_copy = equal_ignoring_case(word, "copy") ? Copy::target : Copy::other;
        break;
    case Copy::target:
        m_copy = equal_ignoring_case(word, "from") ? Copy::from : Copy::target;
        break;
    case Copy::dot: // COPY s.from FROM STDIN
        m_copy = Copy::target;
        break;
    case Copy::from:
        m_copy = equal_ignoring_case(word, "stdin") || equal_ignoring_case(word, "stdout")
                     ? Copy::from_stdin
                     : Copy::other;
        break;
    case Copy::from_stdin:
    case Copy::other:
        break;
    }
}

void StatementBoundary::take_copy_symbol(char c)
{
    if (m_copy == Copy::target || m_copy == Copy::dot) {
        m_copy = c == '.' ? Copy::dot : Copy::target;
    } else if (m_copy != Copy::from_stdin) {
        m_copy = Copy::other;
    }
}

StatementBoundary::Head StatementBoundary::next_head(Head head, std::string_view word)
{
    const auto is_routine = [word] {
        return equal_ignoring_case(word, "function") || equal_ignoring_case(word, "procedure");
    };
    switch (head) {
    case Head::start:
        return equal_ignoring_case(word, "create") ? Head::create : Head::other;
    case Head::create:
        return is_routine()                      ? Head::routine
               : equal_ignoring_case(word, "or") ? Head::create_or
                                                 : Head::other;
    case Head::create_or:
        return equal_ignoring_case(word, "replace") ? Head::create_or_replace : Head::other;
    case Head::create_or_replace:
        return is_routine() ? Head::routine : Head::other;
    case Head::routine:
    case Head::other:
        return head;
    }
    return Head::other;
}

} // namespace crudctl::script
