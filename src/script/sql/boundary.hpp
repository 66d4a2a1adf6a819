#pragma once

#include "script/sql/lexer.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Finds the semicolon that ends a statement: not one in parentheses (CREATE RULE … DO (…; …)),
/// and not one between BEGIN ATOMIC and its END, which only CREATE FUNCTION and PROCEDURE have.
class StatementBoundary {
public:
    /// Takes the statement's next token; true where it is the semicolon that ends it.
    bool ends_with(const Token& token, std::string_view text);

    /// COPY … FROM STDIN (or STDOUT, which the server takes for the same).
    bool is_copy_from_stdin() const noexcept { return m_copy == Copy::from_stdin; }

    /// What is still open, and where it opened, as begin of a token.
    struct Open {
        std::string_view what;
        std::size_t begin = 0;
    };
    std::optional<Open> open() const;

    /// The first `count` bytes of the text that tokens refer to are gone.
    void drop(std::size_t count);

private:
    enum class Head { start, create, create_or, create_or_replace, routine, other };
    enum class Copy { start, target, dot, from, from_stdin, other };

    /// A statement, or one of those in a BEGIN ATOMIC body.
    struct Level {
        std::size_t opened_at = 0;
        std::size_t parentheses = 0; // open around it
        Head head = Head::start;
        bool is_at_start = true;
        std::optional<std::size_t> begin_before; // the last token was BEGIN, here
    };

    Level& innermost() { return m_bodies.empty() ? m_statement : m_bodies.back(); }
    void take_parenthesis(char c, std::size_t at);
    void take_word(std::string_view word, std::size_t at);
    void take_copy(std::string_view word);
    void take_copy_symbol(char c);
    static Head next_head(Head head, std::string_view word);

    Level m_statement;
    std::vector<Level> m_bodies; // one in the other; most statements have none
    std::size_t m_parentheses = 0;
    std::size_t m_outermost = 0; // the parenthesis that opened first
    Copy m_copy = Copy::start;
};

} // namespace crudctl::script
