#pragma once

#include "aws/credentials.hpp"
#include "aws/http.hpp"
#include "aws/pacing.hpp"
#include "aws/shared_profile.hpp"
#include "support/process.hpp"

#include <functional>
#include <string>

namespace crudctl::aws {

/// Where credentials are looked for, and with what.
struct CredentialSearch {
    const Environment& environment;
    const SharedProfile& profile;
    std::string region;
    HttpClient& http;
    ProcessRunner& processes;
    Pacing pacing;
    std::function<void(const std::string&)> tell; // what a person should know of it
};

/// The credentials, in the order of the AWS tools: keys of the environment (not where the settings
/// name a profile), the profile's role, a web identity, SSO, the credentials file, a
/// credential_process, the config file, the container that this runs in. What the profile wants and
/// only the AWS CLI can do, is left to that. A profile that was asked for has to have them: nothing
/// else is taken in its place. Throws Error(configuration) for what is set wrongly, and
/// Error(external) where there are none, where they ran out, and where a program or a service gave
/// none.
Credentials find_credentials(const CredentialSearch& search);

} // namespace crudctl::aws
