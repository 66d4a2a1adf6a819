#include "commands/aws_access.hpp"

#include "aws/credential_chain.hpp"
#include "aws/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr int usual_attempts = 3;
constexpr std::chrono::seconds hasty_patience{2};
constexpr int most_attempts = 10;

std::optional<aws::Found> found(const std::optional<config::Text>& text)
{
    return text ? std::optional(aws::Found{text->text, text->origin}) : std::nullopt;
}

} // namespace

AwsAccess::AwsAccess(Context& context, const config::AwsSettings& settings, Haste haste)
    : m_context(context),
      m_haste(haste),
      m_profile(found(settings.aws_profile), context.settings.environment()),
      m_http(http_options()),
      m_pacing(aws::Pacing::of_machine()),
      m_region(aws::region_of(found(settings.region), m_profile, context.settings.environment()))
{}

const aws::Credentials& AwsAccess::credentials()
{
    if (m_credentials) {
        return *m_credentials;
    }
    Console& console = m_context.console;
    m_credentials = aws::find_credentials(
        {m_context.settings.environment(), m_profile, m_region.text, m_http, m_context.processes,
         m_pacing, [&console](const std::string& text) { console.note("  aws      " + text); }});
    console.hide(m_credentials->secret_access_key);
    console.hide(m_credentials->session_token);
    console.detail(fmt::format("  aws      key {} of {}", m_credentials->access_key_id,
                               m_credentials->source));
    return *m_credentials;
}

aws::QueryApi AwsAccess::service(const std::string& name, const std::string& version)
{
    const aws::Credentials& keys = credentials();
    const aws::Endpoint endpoint =
        aws::endpoint_of(name, m_region.text, m_profile, m_context.settings.environment());
    if (!endpoint.origin.empty()) {
        m_context.console.warning(
            fmt::format("requests for {} go to {}, by {}", name, endpoint.url, endpoint.origin));
    }
    return {m_http,
            {name, version, m_region.text, endpoint, keys},
            {m_pacing, attempts(),
             [this](const std::string& text) { m_context.console.note("  aws      " + text); }}};
}

aws::HttpOptions AwsAccess::http_options() const
{
    aws::HttpOptions options;
    options.environment = m_context.settings.environment();
    const auto in_profile = m_profile.value("ca_bundle");
    options.ca_bundle = options.environment.value("AWS_CA_BUNDLE")
                            .value_or(in_profile ? in_profile->text : std::string());
    if (const auto seconds = m_context.options.connect_timeout) {
        options.patience = std::chrono::seconds(*seconds);
    }
    if (m_haste == Haste::yes) {
        options.patience = std::min(options.patience, hasty_patience);
    }
    return options;
}

int AwsAccess::attempts() const
{
    const auto in_profile = m_profile.value("max_attempts");
    const std::string text = m_context.settings.environment()
                                 .value("AWS_MAX_ATTEMPTS")
                                 .value_or(in_profile ? in_profile->text : std::string());
    int number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_usable = parsed.ec == std::errc() && number >= 1;
    if (m_haste == Haste::yes) {
        return 1;
    }
    return is_usable ? std::min(number, most_attempts) : usual_attempts;
}

} // namespace crudctl::commands
