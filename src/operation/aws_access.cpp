#include "operation/aws_access.hpp"

#include "aws/credentials/credential_chain.hpp"
#include "aws/request/endpoint.hpp"
#include "aws/request/host.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr int usual_attempts = 3;
constexpr std::chrono::seconds hasty_timeout{2};
constexpr int most_attempts = 10;

std::optional<aws::Found> found(const std::optional<config::Text>& text)
{
    return text ? std::optional(aws::Found{text->text, text->origin}) : std::nullopt;
}

[[noreturn]] void refuse(const config::Profile& profile, const std::string& what,
                         const std::string& hint)
{
    throw Error(ExitCode::configuration,
                fmt::format("profile \"{}\" has auth = \"rds-iam\", {}", profile.name, what), hint);
}

int port_of(const config::Profile& profile, std::string_view digits)
{
    constexpr int largest_port = 65535;
    int port = 0;
    const char* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, port);
    if (read.ec != std::errc() || read.ptr != end || port < 1 || port > largest_port) {
        refuse(profile,
               fmt::format("and \"{}\" is no port", printable(shortened(std::string(digits), 64))),
               "aws.endpoint looks like \"name.abc.ca-central-1.rds.amazonaws.com:5432\"");
    }
    return port;
}

/// Whom and where the token is for: RDS compares all of it with what it calls itself.
aws::RdsLogin login_of(const config::Profile& profile, const std::optional<config::Text>& endpoint)
{
    const pg::ConnInfo& info = profile.conn_info;
    aws::RdsLogin login;
    login.user = info.user();
    login.host = info.host();
    std::string port = info.port();
    if (endpoint) {
        const std::size_t colon = endpoint->text.find(':');
        login.host = endpoint->text.substr(0, colon);
        port = colon == std::string::npos ? "5432" : endpoint->text.substr(colon + 1);
    }
    if (login.user.empty()) {
        refuse(profile, "and names no user", "the token is for one user: name it in the URL");
    }
    if (info.has_several_hosts()) {
        refuse(profile, "and names several hosts", "the token is for one of them");
    }
    login.host = lower_ascii(login.host);
    login.port = port_of(profile, port);
    return login;
}

std::string require_region(const config::Profile& profile, const aws::RdsLogin& login)
{
    const auto region = aws::region_of_rds_host(login.host);
    if (!region) {
        refuse(profile,
               fmt::format("and \"{}\" is no RDS endpoint, which the token is made for",
                           printable(login.host)),
               "where that is a tunnel or an alias, name the instance's own in aws.endpoint");
    }
    return *region;
}

} // namespace

AwsAccess::AwsAccess(Context& context, const config::AwsSettings& settings, Haste haste)
    : m_context(context),
      m_haste(haste),
      m_environment(context.settings.aws_environment()),
      m_profile(found(settings.aws_profile), m_environment),
      m_http(http_options()),
      m_pacing(aws::Pacing::of_machine()),
      m_region(aws::region_of(found(settings.region), m_profile, m_environment))
{}

const aws::Credentials& AwsAccess::credentials()
{
    if (m_credentials) {
        return *m_credentials;
    }
    Console& console = m_context.console;
    m_credentials = aws::find_credentials(
        {m_environment, m_profile, m_region.text, m_http, m_context.processes, m_pacing,
         [&console](const std::string& text) { console.note("  aws      " + text); },
         m_context.settings.environment()});
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
        options.timeout = std::chrono::seconds(*seconds);
    }
    if (m_haste == Haste::yes) {
        options.timeout = std::min(options.timeout, hasty_timeout);
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

pg::ConnInfo with_iam_token(Context& context, const config::Profile& profile)
{
    config::AwsSettings settings = context.settings.aws(profile.name);
    const aws::RdsLogin login = login_of(profile, settings.endpoint);
    const std::string region = require_region(profile, login);
    // Wherever else the settings look for AWS: the instance is where its name says.
    settings.region = config::Text{region, "the endpoint", "the endpoint"};
    AwsAccess access(context, settings);
    const auto token = [login, region, credentials = access.credentials(),
                        now = access.pacing().now] {
        const auto time = std::chrono::floor<std::chrono::seconds>(now());
        return aws::rds_token(login, {"rds-db", region, time}, credentials);
    };
    return profile.conn_info.with_password_source(token);
}

void explain_iam_refusal(const config::Profile& profile, const pg::ConnectError& error)
{
    const bool is_refused = error.sqlstate() == pg::sqlstate::invalid_password ||
                            error.sqlstate() == pg::sqlstate::invalid_authorization;
    if (profile.auth == config::Auth::rds_iam && is_refused) {
        throw pg::ConnectError(
            error.what(),
            "with auth = \"rds-iam\" the instance must have IAM authentication switched on, the "
            "user GRANT rds_iam, the key rds-db:connect for that user, and this machine the right "
            "time",
            error.sqlstate(), pg::Outlook::final);
    }
}

} // namespace crudctl::commands
