#include "aws/credentials/credentials.hpp"

#include "support/error.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::aws {

namespace {

bool is_graphic(const std::string& text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// "2026-11-24T09:15:00" with a fraction or not, then Z or +00:00.
std::optional<UtcTime> parsed_time(const std::string& text)
{
    constexpr std::size_t seconds_end = 19;
    if (text.size() <= seconds_end || !(text.ends_with('Z') || text.ends_with("+00:00"))) {
        return std::nullopt;
    }
    return parse_utc(text.substr(0, seconds_end) + "Z");
}

std::string text_of(const nlohmann::json& document, std::string_view name)
{
    const auto found = document.find(std::string(name));
    return found != document.end() && found->is_string() ? found->get<std::string>()
                                                         : std::string();
}

} // namespace

Credentials checked(Credentials credentials)
{
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        throw Error(ExitCode::configuration,
                    fmt::format("{} has half of an access key: its id and its secret go together",
                                credentials.source));
    }
    if (!is_graphic(credentials.access_key_id) ||
        !is_graphic(credentials.secret_access_key.reveal()) ||
        !is_graphic(credentials.session_token.reveal())) {
        throw Error(
            ExitCode::configuration,
            fmt::format("the access key of {} has a character that no key has", credentials.source),
            "a blank or a line break may have been copied with it");
    }
    return credentials;
}

Credentials credentials_from_json(std::string_view text, const AnswerForm& form,
                                  const std::string& source,
                                  std::chrono::system_clock::time_point now)
{
    const auto document = nlohmann::json::parse(text, nullptr, false);
    Credentials credentials;
    if (document.is_object()) {
        credentials.access_key_id = text_of(document, "AccessKeyId");
        credentials.secret_access_key = Secret(text_of(document, "SecretAccessKey"));
        credentials.session_token = Secret(text_of(document, form.token_name));
    }
    credentials.source = source;
    if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
        throw Error(ExitCode::external, fmt::format("{} gave no credentials", source),
                    fmt::format("JSON with AccessKeyId, SecretAccessKey, {} and Expiration is "
                                "expected",
                                form.token_name));
    }
    if (form.has_version && document.value("Version", 0) != 1) {
        throw Error(ExitCode::external,
                    fmt::format("{} gave credentials of another version than 1", source));
    }
    require_valid(text_of(document, "Expiration"), source, now);
    return checked(credentials);
}

void require_valid(const std::string& expiration, const std::string& source,
                   std::chrono::system_clock::time_point now)
{
    const auto end = parsed_time(expiration);
    // In milliseconds: a far year does not fit into the clock's own unit.
    if (end && *end <= std::chrono::floor<std::chrono::milliseconds>(now)) {
        throw Error(ExitCode::external,
                    fmt::format("the AWS credentials of {} ran out at {}", source,
                                local_time_text(utc_text(*end))),
                    "log in again, or renew them");
    }
}

} // namespace crudctl::aws
