#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// Writes SQL that is mostly valid and as awkward to cut as the grammar allows: every quoting form,
/// comments between any two tokens, semicolons wherever they do not end a statement. The same seed
/// gives the same texts.
class SqlGenerator {
public:
    explicit SqlGenerator(std::uint64_t seed) : m_random(seed) {}

    /// Some statements, some of them empty, now and then with a few bytes spoilt.
    std::string script();

    /// The text with a piece of grammar put into it, or in the place of a blank, a word or a
    /// statement.
    std::string changed(std::string text);

    /// One statement without its semicolon. It may not be valid.
    std::string statement() { return statement(2); }

    /// Any characters of UTF-8 but NUL, most of them such that mean something to a lexer.
    std::string noise();

    std::size_t below(std::size_t limit) { return m_random() % limit; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::string_view any(std::initializer_list<std::string_view> choices);

private:
    std::string statement(int depth);
    std::string definition(int depth);
    std::string copy(int depth);
    std::string change_of_rows(int depth);
    std::string routine(int depth);
    std::string rule(int depth);
    std::string select(int depth);
    std::string expression(int depth);
    std::string operation(int depth);
    std::string literal();
    std::string number();
    std::string escape_string();
    std::string unicode_string();
    std::string bare_string();
    std::string name();
    std::string gap();
    std::string comment();
    std::string line_gap();
    std::string character();
    std::string fragment();
    std::string keyword(std::string_view word);
    std::string dollar_quoted(const std::string& inside);
    void spoil(std::string& text);

    std::mt19937_64 m_random;
};

} // namespace crudctl::tests
