#pragma once

#include "config/file/values.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// What is done at an event of Cognito's: a named query, with fields of the event as its
/// parameters.
struct LambdaTrigger {
    std::string source; // "PostConfirmation_ConfirmSignUp", the event's triggerSource
    Text query;         // its name
    /// By the parameter's name: dotted paths into the event; the first that is not empty counts.
    std::map<std::string, std::vector<std::string>> fields;
};

/// In the order of the file. Throws Error(configuration) where a table names no query, and for a
/// variable that is not set.
std::vector<LambdaTrigger> make_lambda_settings(const Values& values);

/// The fields of a Cognito event that a parameter of this name is taken from where the file doesn't
/// say; empty where it has to.
std::vector<std::string> usual_fields(std::string_view parameter);

/// Every triggerSource that Cognito is known to send.
std::span<const std::string_view> trigger_sources();

} // namespace crudctl::config
