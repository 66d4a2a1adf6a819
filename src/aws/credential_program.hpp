#pragma once

#include "aws/credential_chain.hpp"

#include <string>
#include <vector>

namespace crudctl::aws {

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
