#pragma once

#include "script/sql/lexer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::script {

/// A parameter's place in a query: `:name`, `:'name'` or `%(name)s`.
struct ParameterReference {
    std::string_view name;
    std::size_t at = 0;
    std::size_t size = 0; // with all its signs
};

/// Finds them in a statement, which has to outlive it. NamedQuery says what is one and what is
/// refused.
class ParameterReader {
public:
    explicit ParameterReader(std::string_view statement)
        : m_statement(statement), m_is_percent(has_percent_reference())
    {}

    /// Whether its parameters are written `%(name)s`.
    bool is_percent() const noexcept { return m_is_percent; }
    /// The next one; nothing at the end. Throws ScanError, its place in the statement.
    std::optional<ParameterReference> next();

private:
    bool has_percent_reference() const;
    std::optional<ParameterReference> reference_of(const Token& token, bool follows_value);
    std::optional<ParameterReference> colon_reference(bool follows_value) const;
    void refuse_numbers(const Token& token) const;
    void refuse_percent() const;
    [[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) const;
    std::string_view here() const { return m_statement.substr(m_at); }

    std::string_view m_statement;
    bool m_is_percent;
    Lexer m_lexer;
    std::size_t m_at = 0;       // of the token at hand
    std::size_t m_last_end = 0; // of the one before
    bool m_last_is_value = false;
};

} // namespace crudctl::script
