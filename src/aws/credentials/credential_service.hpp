#pragma once

#include "aws/credentials/credential_chain.hpp"

#include <optional>
#include <string>

namespace crudctl::aws {

/// A role that a signed token of somebody else's lets us take: of Gitpod, Ona, GitHub, EKS.
struct WebIdentity {
    Found token_file;
    std::string role;
    std::string session; // its name; empty: one is made
};

/// By AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME; nothing without the
/// first. Throws Error(configuration) where the role is missing.
std::optional<WebIdentity> web_identity_of(const Environment& environment);

/// By the profile's web_identity_token_file, role_arn and role_session_name.
std::optional<WebIdentity> web_identity_of(const SharedProfile& profile);

/// Asks STS, in a request that is not signed. Throws Error(configuration) where the token cannot be
/// read, ServiceError and HttpError.
Credentials credentials_of_web_identity(const CredentialSearch& search,
                                        const WebIdentity& identity);

/// Of the container that this runs in (ECS, CodeBuild, EKS), by AWS_CONTAINER_CREDENTIALS_…_URI;
/// nothing where neither is set. Throws Error(configuration) for an address that credentials must
/// not be asked for at, and Error(external) where it gives none.
std::optional<Credentials> credentials_of_container(const CredentialSearch& search);

} // namespace crudctl::aws
