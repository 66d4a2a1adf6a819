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

private:
    std::size_t below(std::size_t limit) { return m_random() % limit; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::string_view any(std::initializer_list<std::string_view> choices);

    std::string statement(int depth);
    std::string routine(int depth);
    std::string rule(int depth);
    std::string select(int depth);
    std::string expression(int depth);
    std::string literal();
    std::string bare_string();
    std::string name();
    std::string gap();
    std::string line_gap();
    std::string noise();
    std::string keyword(std::string_view word);
    std::string dollar_quoted(const std::string& inside);
    void spoil(std::string& text);

    std::mt19937_64 m_random;
};

} // namespace crudctl::tests
