#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// psql's variables: what \set and --set give a value, and what :name stands for.
class Variables {
public:
    void set(std::string name, std::string value);
    void unset(std::string_view name);
    /// Nothing where there is none of that name; valid until it is changed.
    const std::string* find(std::string_view name) const;
    bool empty() const noexcept { return m_values.empty(); }
    /// Of those that are named like a secret.
    std::vector<std::string> secret_values() const;

    /// Letters, digits, underscores and whatever is not ASCII.
    static bool is_name(std::string_view name);

private:
    std::map<std::string, std::string, std::less<>> m_values;
};

/// `:name`, `:'name'`, `:"name"` or `:{?name}`, as psql reads them outside of quotes and comments.
struct VariableReference {
    enum class Form { value, literal, identifier, test };
    Form form = Form::value;
    std::string_view name;
    std::size_t size = 0; // in the text, with the colon
};

/// What begins with the colon at the front of `text`.
struct ReferenceScan {
    std::optional<VariableReference> reference;
    bool is_unknown = false; // it takes more text to know
};
ReferenceScan reference_at(std::string_view text, bool is_last);

/// The text that takes a reference's place; nothing where the variable has no value: psql then
/// leaves the reference as it is.
std::optional<std::string> expansion_of(const VariableReference& reference,
                                        const Variables& variables);

/// The value as a string in SQL, right whatever standard_conforming_strings says.
std::string literal_text(std::string_view value);

} // namespace crudctl::script
