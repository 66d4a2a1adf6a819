#include "aws/credentials/credential_chain.hpp"

#include "aws/credentials/credential_service.hpp"
#include "aws/credentials/credentials.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <optional>
#include <string_view>

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

constexpr AnswerForm process_form = {"SessionToken", true};

/// The last line that says something: a program's own error, after its trace.
std::string last_line(std::string_view text)
{
    const std::string_view all = trimmed(text);
    return printable(shortened(trimmed(all.substr(all.rfind('\n') + 1)), 200));
}

class WordReader {
public:
    WordReader(const std::string& text, const std::string& origin) : m_text(text), m_origin(origin)
    {}

    std::vector<std::string> read()
    {
        for (; m_at < m_text.size(); ++m_at) {
            take(m_text[m_at]);
        }
        finish_word();
        return std::move(m_words);
    }

private:
    void take(char c)
    {
        if (c == ' ' || c == '\t' || c == '\n') {
            finish_word();
            return;
        }
        m_word = m_word.value_or("");
        if (c == '\'' || c == '"') {
            take_quoted(c);
        } else if (c == '\\' && m_at + 1 < m_text.size()) {
            *m_word += m_text[++m_at];
        } else {
            *m_word += c;
        }
    }

    void take_quoted(char quote)
    {
        for (++m_at; m_at < m_text.size() && m_text[m_at] != quote; ++m_at) {
            const bool is_escape = quote == '"' && m_text[m_at] == '\\' &&
                                   m_at + 1 < m_text.size() &&
                                   (m_text[m_at + 1] == '"' || m_text[m_at + 1] == '\\');
            m_at += is_escape ? 1 : 0;
            *m_word += m_text[m_at];
        }
        if (m_at >= m_text.size()) {
            throw Error(ExitCode::configuration,
                        fmt::format("{}: the command has a quote that does not end", m_origin));
        }
    }

    void finish_word()
    {
        if (m_word) {
            m_words.push_back(std::move(*m_word));
            m_word.reset();
        }
    }

    const std::string& m_text;
    const std::string& m_origin;
    std::size_t m_at = 0;
    std::optional<std::string> m_word;
    std::vector<std::string> m_words;
};

std::string hint_for_cli(std::string_view said, const std::string& profile)
{
    if (said.find("Invalid choice") != std::string::npos) {
        return "this AWS CLI is too old for it: version 2.9 or later is needed";
    }
    if (said.find("SSO") != std::string::npos || said.find("Token") != std::string::npos) {
        return fmt::format("aws sso login --profile {}", profile);
    }
    return fmt::format("aws configure export-credentials --profile {} --format process shows it",
                       profile);
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

std::vector<std::string> command_words(const std::string& text, const std::string& origin)
{
    std::vector<std::string> words = WordReader(text, origin).read();
    if (words.empty()) {
        throw Error(ExitCode::configuration, fmt::format("{}: the command is empty", origin));
    }
    return words;
}

Credentials credentials_of_process(const CredentialSearch& search, const Found& command)
{
    const std::string source = fmt::format("credential_process ({})", command.origin);
    ProgramCall call;
    call.argv = command_words(command.text, command.origin);
    call.environment = search.program_environment;
    const ProgramResult result = search.processes.run(call);
    if (!result.succeeded()) {
        throw Error(ExitCode::external,
                    fmt::format("{} failed with exit code {}: {}", source, result.exit_code,
                                last_line(result.err)),
                    "run it by hand to see what it says");
    }
    return credentials_from_json(result.out, process_form, source, search.pacing.now());
}

Credentials credentials_of_cli(const CredentialSearch& search, const std::string& setting,
                               const Found& value)
{
    const std::string& profile = search.profile.name();
    if (!search.processes.find("aws", search.program_environment)) {
        throw Error(
            ExitCode::external,
            fmt::format("the AWS profile \"{}\" wants {} ({}), which takes the AWS CLI, and there "
                        "is none",
                        profile, setting, value.origin),
            "install the AWS CLI, version 2; or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_SESSION_TOKEN; or use a profile with keys or a credential_process");
    }
    ProgramCall call;
    call.argv = {"aws",      "configure", "export-credentials", "--profile", profile,
                 "--format", "process"};
    call.environment = search.program_environment;
    const ProgramResult result = search.processes.run(call);
    if (!result.succeeded()) {
        throw Error(ExitCode::external,
                    fmt::format("the AWS CLI gave no credentials for the profile \"{}\" (it wants "
                                "{}, {}): {}",
                                profile, setting, value.origin, last_line(result.err)),
                    hint_for_cli(result.err, profile));
    }
    return credentials_from_json(result.out, process_form,
                                 fmt::format("the AWS CLI, profile \"{}\"", profile),
                                 search.pacing.now());
}

} // namespace crudctl::aws
