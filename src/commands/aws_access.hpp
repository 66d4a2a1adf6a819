#pragma once

#include "aws/credentials.hpp"
#include "aws/curl_client.hpp"
#include "aws/pacing.hpp"
#include "aws/query_api.hpp"
#include "aws/shared_profile.hpp"
#include "commands/context.hpp"

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
    aws::SharedProfile m_profile;
    aws::CurlClient m_http;
    aws::Pacing m_pacing;
    aws::Found m_region;
    std::optional<aws::Credentials> m_credentials;
};

} // namespace crudctl::commands
