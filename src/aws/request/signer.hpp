#pragma once

#include "aws/credentials/credentials.hpp"

#include <chrono>
#include <map>
#include <string>

namespace crudctl::aws {

/// By name in lower case: sorted as the signature wants them.
using Headers = std::map<std::string, std::string>;

/// What a signature covers of a POST to "/".
struct SignedRequest {
    std::string host; // with its port, where it isn't the scheme's own
    Headers headers;  // all of these are signed, besides host and date
    std::string body;
};

/// What a signature is good for.
struct Scope {
    std::string service; // "ec2"
    std::string region;
    std::chrono::sys_seconds time; // services accept five minutes around their own
};

/// The headers that a request needs besides its own, by Signature Version 4: authorization,
/// x-amz-date and, with temporary credentials, x-amz-security-token. Throws std::runtime_error
/// where libcrypto fails.
Headers signature_headers(const SignedRequest& request, const Scope& scope,
                          const Credentials& credentials);

/// Where and as whom a token logs in to.
struct RdsLogin {
    std::string host; // the instance's real endpoint: an alias or a tunnel makes an invalid token
    int port = 5432;
    std::string user; // case counts
};

/// The password of IAM authentication: good for 15 minutes, for new log-ins alone.
Secret rds_token(const RdsLogin& login, const Scope& scope, const Credentials& credentials);

} // namespace crudctl::aws
