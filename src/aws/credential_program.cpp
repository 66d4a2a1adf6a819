#include "aws/credential_program.hpp"

#include "aws/credential_answer.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

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
    call.environment = search.environment;
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
    if (!search.processes.find("aws", search.environment)) {
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
    call.environment = search.environment;
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
