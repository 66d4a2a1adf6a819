#pragma once

#include "aws/credentials.hpp"
#include "aws/curl_client.hpp"
#include "aws/pacing.hpp"
#include "aws/query_api.hpp"
#include "aws/shared_profile.hpp"
#include "commands/context.hpp"

#include <string>

namespace crudctl::commands {

/// What every command that asks AWS needs: region, credentials and endpoints by the profile's
/// settings and the AWS tools' own. Nothing of it needs a database.
class AwsAccess {
public:
    /// Finds the rest of it, and hides the credentials from whatever is printed. Throws
    /// Error(configuration), and Error(external) where there are no credentials.
    AwsAccess(Context& context, const config::AwsSettings& settings);

    const aws::Found& region() const noexcept { return m_region; }
    aws::CurlClient& http() noexcept { return m_http; }
    const aws::Pacing& pacing() const noexcept { return m_pacing; }

    /// One of AWS's services, "ec2"; an overridden endpoint is warned about.
    aws::QueryApi service(const std::string& name, const std::string& version);

private:
    aws::HttpOptions http_options() const;
    int attempts() const;

    Context& m_context;
    aws::SharedProfile m_profile;
    aws::CurlClient m_http;
    aws::Pacing m_pacing;
    aws::Found m_region;
    aws::Credentials m_credentials;
};

} // namespace crudctl::commands
