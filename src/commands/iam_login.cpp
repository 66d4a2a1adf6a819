#include "commands/iam_login.hpp"

#include "aws/host.hpp"
#include "commands/aws_access.hpp"
#include "support/text.hpp"

#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

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
