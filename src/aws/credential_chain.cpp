#include "aws/credential_chain.hpp"

#include "aws/credential_answer.hpp"
#include "aws/credential_program.hpp"
#include "aws/credential_service.hpp"
#include "support/error.hpp"

#include <optional>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

using Answer = std::optional<Credentials>;

Answer from_environment(const CredentialSearch& search)
{
    const Environment& environment = search.environment;
    const auto id = environment.value("AWS_ACCESS_KEY_ID");
    const auto secret = environment.value("AWS_SECRET_ACCESS_KEY");
    if (search.profile.is_named_by_settings() || (!id && !secret)) {
        return std::nullopt;
    }
    if (!search.profile.origin().empty()) {
        search.tell(fmt::format("the key in AWS_ACCESS_KEY_ID is used, and not that of the AWS "
                                "profile \"{}\" ({})",
                                search.profile.name(), search.profile.origin()));
    }
    Credentials credentials;
    credentials.access_key_id = id.value_or("");
    credentials.secret_access_key = Secret(secret.value_or(""));
    credentials.session_token =
        Secret(environment.value("AWS_SESSION_TOKEN")
                   .value_or(environment.value("AWS_SECURITY_TOKEN").value_or("")));
    credentials.source = "the environment (AWS_ACCESS_KEY_ID)";
    require_valid(environment.value("AWS_CREDENTIAL_EXPIRATION").value_or(""), credentials.source,
                  search.pacing.now());
    return checked(credentials);
}

/// Keys of one file: they are never put together from two.
template <typename Lookup>
Answer from_keys(const Lookup& value)
{
    const std::optional<Found> id = value("aws_access_key_id");
    const std::optional<Found> secret = value("aws_secret_access_key");
    if (!id && !secret) {
        return std::nullopt;
    }
    Credentials credentials;
    credentials.source = id ? id->origin : secret->origin;
    if (id && secret) {
        credentials.access_key_id = id->text;
        credentials.secret_access_key = Secret(secret->text);
    }
    for (const char* name : {"aws_session_token", "aws_security_token"}) {
        if (const auto token = value(name); token && credentials.session_token.empty()) {
            credentials.session_token = Secret(token->text);
        }
    }
    return checked(credentials);
}

/// What only the AWS CLI can do, if the profile says any of these.
Answer from_cli(const CredentialSearch& search, std::initializer_list<const char*> settings)
{
    for (const char* setting : settings) {
        if (const auto value = search.profile.value(setting)) {
            return credentials_of_cli(search, setting, *value);
        }
    }
    return std::nullopt;
}

Answer from_role(const CredentialSearch& search)
{
    if (const auto identity = web_identity_of(search.profile)) {
        return credentials_of_web_identity(search, *identity);
    }
    return from_cli(search, {"role_arn"});
}

Answer from_web_identity(const CredentialSearch& search)
{
    const auto identity = web_identity_of(search.environment);
    return identity ? std::optional(credentials_of_web_identity(search, *identity)) : std::nullopt;
}

Answer from_credentials_file(const CredentialSearch& search)
{
    return from_keys(
        [&](std::string_view key) { return search.profile.value_in_credentials(key); });
}

Answer from_process(const CredentialSearch& search)
{
    const auto command = search.profile.value("credential_process");
    return command ? std::optional(credentials_of_process(search, *command)) : std::nullopt;
}

Answer from_config_file(const CredentialSearch& search)
{
    return from_keys([&](std::string_view key) { return search.profile.value_in_config(key); });
}

/// Of the profile itself; web identities of the environment come in between where it is the default
/// one.
Answer from_profile(const CredentialSearch& search)
{
    const bool was_asked_for = !search.profile.origin().empty();
    if (auto answer = from_role(search)) {
        return answer;
    }
    if (auto answer = was_asked_for ? std::nullopt : from_web_identity(search)) {
        return answer;
    }
    if (auto answer = from_cli(search, {"sso_session", "sso_start_url"})) {
        return answer;
    }
    if (auto answer = from_credentials_file(search)) {
        return answer;
    }
    if (auto answer = from_cli(search, {"login_session"})) {
        return answer;
    }
    if (auto answer = from_process(search)) {
        return answer;
    }
    return from_config_file(search);
}

[[noreturn]] void refuse_empty_profile(const SharedProfile& profile)
{
    throw Error(ExitCode::external,
                fmt::format("the AWS profile \"{}\" ({}) has no credentials", profile.name(),
                            profile.origin()),
                "nothing else is taken in its place: give it keys, a role or a "
                "credential_process, or name no profile");
}

} // namespace

Credentials find_credentials(const CredentialSearch& search)
{
    if (auto answer = from_environment(search)) {
        return *answer;
    }
    if (auto answer = from_profile(search)) {
        return *answer;
    }
    if (!search.profile.origin().empty()) {
        refuse_empty_profile(search.profile);
    }
    if (auto answer = credentials_of_container(search)) {
        return *answer;
    }
    throw Error(ExitCode::external, "there are no AWS credentials",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`; an EC2 "
                "instance's own are not asked for");
}

} // namespace crudctl::aws
