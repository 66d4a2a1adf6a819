#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace crudctl::commands {

/// An event of Cognito's, read only for what it is and for the fields that a query wants.
class LambdaEvent {
public:
    /// Throws Error(configuration) where it is no JSON object; never quotes it.
    explicit LambdaEvent(std::string_view text);

    /// "PostConfirmation_ConfirmSignUp"; empty where it says none.
    std::string trigger_source() const;

    /// What the dotted path leads to, as text: a list or a table is JSON. Nothing where it is
    /// missing, null or empty. Throws Error(configuration) where the text is none that Postgres can
    /// hold: with a NUL, or with half a character.
    std::optional<std::string> field(std::string_view path) const;
    /// The first of them that is there.
    std::optional<std::string> first_field(const std::vector<std::string>& paths) const;

private:
    nlohmann::json m_document;
};

} // namespace crudctl::commands
