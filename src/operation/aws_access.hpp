#pragma once

#include "aws/credentials/credentials.hpp"
#include "aws/credentials/shared_profile.hpp"
#include "aws/request/curl_client.hpp"
#include "aws/request/query_api.hpp"
#include "config/profile/profile.hpp"
#include "operation/context.hpp"
#include "pg/error.hpp"

#include <optional>
#include <string>

namespace crudctl::commands {

/// What every command that asks AWS needs: region, credentials and endpoints by the profile's
/// settings and the AWS tools' own. Nothing of it needs a database.
class AwsAccess {
public:
    /// In haste for who is kept waiting by what is only nice to know: one try, and few seconds.
    enum class Haste { no, yes };
    /// Finds all of it but the credentials. Throws Error(configuration).
    AwsAccess(Context& context, const config::AwsSettings& settings, Haste haste = Haste::no);

    const aws::Found& region() const noexcept { return m_region; }
    aws::CurlClient& http() noexcept { return m_http; }
    const aws::Pacing& pacing() const noexcept { return m_pacing; }

    /// Throws as service() does.
    const aws::Credentials& credentials();

    /// One of AWS's services, "ec2"; an overridden endpoint is warned about. The first time finds
    /// the credentials, and hides them from whatever is printed. Throws Error(configuration), and
    /// Error(external) where there are none.
    aws::QueryApi service(const std::string& name, const std::string& version);

private:
    aws::HttpOptions http_options() const;
    int attempts() const;

    Context& m_context;
    Haste m_haste;
    Environment m_environment; // with the account of .env; programs get the real one
    aws::SharedProfile m_profile;
    aws::CurlClient m_http;
    aws::Pacing m_pacing;
    aws::Found m_region;
    std::optional<aws::Credentials> m_credentials;
};

/// The profile's conn_info with a token of IAM in place of a password: made anew for each log-in,
/// and only while logging in is it worth something. Finds the credentials, and hides them from
/// whatever is printed. Throws Error(configuration) where the instance's endpoint, region or user
/// cannot be told, Error(external) where there are no credentials.
pg::ConnInfo with_iam_token(Context& context, const config::Profile& profile);

/// Throws the same with a better hint where the server took no token: it knows nothing of what that
/// takes.
void explain_iam_refusal(const config::Profile& profile, const pg::ConnectError& error);

} // namespace crudctl::commands
