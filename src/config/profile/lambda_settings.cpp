#include "config/profile/lambda_settings.hpp"

#include "support/error.hpp"

#include <array>

#include <fmt/format.h>

namespace crudctl::config {

namespace {

constexpr std::array<std::string_view, 33> kinds_of_source = {
    "PreSignUp_SignUp",
    "PreSignUp_ExternalProvider",
    "PreSignUp_AdminCreateUser",
    "PostConfirmation_ConfirmSignUp",
    "PostConfirmation_ConfirmForgotPassword",
    "PreAuthentication_Authentication",
    "PostAuthentication_Authentication",
    "TokenGeneration_HostedAuth",
    "TokenGeneration_Authentication",
    "TokenGeneration_NewPasswordChallenge",
    "TokenGeneration_ClientCredentials",
    "TokenGeneration_AuthenticateDevice",
    "TokenGeneration_RefreshTokens",
    "UserMigration_Authentication",
    "UserMigration_ForgotPassword",
    "DefineAuthChallenge_Authentication",
    "CreateAuthChallenge_Authentication",
    "VerifyAuthChallengeResponse_Authentication",
    "CustomMessage_SignUp",
    "CustomMessage_AdminCreateUser",
    "CustomMessage_ResendCode",
    "CustomMessage_ForgotPassword",
    "CustomMessage_UpdateUserAttribute",
    "CustomMessage_VerifyUserAttribute",
    "CustomMessage_Authentication",
    "CustomSMSSender_SignUp",
    "CustomSMSSender_ForgotPassword",
    "CustomSMSSender_Authentication",
    "CustomEmailSender_SignUp",
    "CustomEmailSender_ForgotPassword",
    "CustomEmailSender_Authentication",
    "CustomEmailSender_AccountTakeOverNotification",
    "InboundFederation_ExternalProvider",
};

std::vector<std::string> fields_of(const Values& values, const std::string& key)
{
    if (const auto one = values.text(key)) {
        return {one->text};
    }
    return values.list(key).value_or(std::vector<std::string>());
}

std::string key_of(const LambdaTrigger& trigger, const std::string& rest = {})
{
    return "lambda." + trigger.source + rest;
}

/// The name of the query, which stands alone or in a table.
Text query_of(const Values& values, const LambdaTrigger& trigger, const Entry& entry)
{
    const bool is_table = entry.value.type == Value::Type::table;
    auto query = values.text(key_of(trigger, is_table ? ".query" : ""));
    if (!query) {
        throw Error(ExitCode::configuration,
                    fmt::format("{}: [lambda] names no query for \"{}\"",
                                place_text(values.file().shown, entry.key_place), trigger.source),
                    fmt::format("{} = \"users/create\", or {{ query = \"users/create\", "
                                "parameters = {{ … }} }}",
                                trigger.source));
    }
    return std::move(*query);
}

} // namespace

std::vector<LambdaTrigger> make_lambda_settings(const Values& values)
{
    std::vector<LambdaTrigger> triggers;
    for (const Entry& entry : values.file().entries) {
        if (entry.path.size() == 2 && entry.path.front() == "lambda") {
            LambdaTrigger& trigger = triggers.emplace_back();
            trigger.source = entry.path.back();
            trigger.query = query_of(values, trigger, entry);
        }
    }
    for (const Entry& entry : values.file().entries) {
        for (LambdaTrigger& trigger : triggers) {
            if (entry.path.size() == 4 && entry.path.front() == "lambda" &&
                entry.path[1] == trigger.source) {
                const std::string& parameter = entry.path.back();
                trigger.fields[parameter] =
                    fields_of(values, key_of(trigger, ".parameters." + parameter));
            }
        }
    }
    return triggers;
}

std::vector<std::string> usual_fields(std::string_view parameter)
{
    const std::string attributes = "request.userAttributes.";
    if (parameter == "cognito_user_id") {
        return {attributes + "sub"};
    }
    if (parameter == "email") {
        return {attributes + "email"};
    }
    if (parameter == "display_name") {
        return {attributes + "name", attributes + "preferred_username"};
    }
    if (parameter == "handle") {
        return {attributes + "preferred_username"};
    }
    return {};
}

std::span<const std::string_view> trigger_sources()
{
    return kinds_of_source;
}

} // namespace crudctl::config
