#pragma once

#include "aws/credentials/credentials.hpp"
#include "aws/credentials/shared_profile.hpp"
#include "aws/request/http.hpp"
#include "aws/request/query_api.hpp"
#include "support/process/process.hpp"

#include <functional>
#include <string>
#include <vector>

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
    /// What a credential_process and the AWS CLI are started with.
    const Environment& program_environment;
};

/// The credentials, in the order of the AWS tools: keys of the environment (not where the settings
/// name a profile), the profile's role, a web identity, SSO, the credentials file, a
/// credential_process, the config file, the container that this runs in. What the profile wants and
/// only the AWS CLI can do, is left to that. A profile that was asked for has to have them: nothing
/// else is taken in its place. Throws Error(configuration) for what is set wrongly, and
/// Error(external) where there are none, where they ran out, and where a program or a service gave
/// none.
Credentials find_credentials(const CredentialSearch& search);

/// A command line in words, as a shell cuts it, but without its variables and patterns: blanks,
/// '…', "…" and backslashes. Throws Error(configuration) for a quote that does not end; `origin` is
/// where it stands.
std::vector<std::string> command_words(const std::string& text, const std::string& origin);

/// What the profile's credential_process prints. Throws Error(external).
Credentials credentials_of_process(const CredentialSearch& search, const Found& command);

/// Of a profile whose `setting` only the AWS CLI can follow: `aws configure export-credentials`.
/// Throws Error(external), which names the setting and the ways out, where there is no AWS CLI or
/// where it gives none.
Credentials credentials_of_cli(const CredentialSearch& search, const std::string& setting,
                               const Found& value);

} // namespace crudctl::aws
