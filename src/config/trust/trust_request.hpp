#pragma once

#include "config/file/values.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::config {

/// Something that the project's files want of this machine and that a person has to agree to first,
/// since the files may have come with a clone.
struct TrustRequest {
    std::string place; // "crudctl.toml:14"
    std::string label; // "runs", "sends", "server"
    std::vector<std::string> lines;

    /// Of what is shown, 64 hexadecimal digits: the label and the lines. Not of the place, so that
    /// a line above it may come and go, and not of the project's folder, so that it holds in every
    /// clone.
    std::string digest() const;
};

/// Returns the digest of all of these, in any order.
std::string digest_of(const std::vector<TrustRequest>& requests);

/// What the profile's part of the file wants: a password_command, an OpenSSL engine as sslkey, and
/// the values of variables (PGPASSWORD unasked, too, or a token of IAM) that go to a host that the
/// file itself spells. A loopback address, a Unix socket and a single label are not asked for, nor
/// is a URL that is one variable. A host that .env spells counts for variables from elsewhere.
/// Throws Error(configuration) where the profile's settings can't be expanded.
std::vector<TrustRequest> trust_requests(const std::string& profile_name, const Values& values,
                                         const std::filesystem::path& root);

/// What all profiles of a crudctl.toml with this text want, without a .env.
std::vector<TrustRequest> trust_requests_of_text(const std::string& text, const Environment& real,
                                                 const std::filesystem::path& root);

/// Of trust_requests() what update-sg-rule needs: the services that tell this machine's address.
std::vector<TrustRequest> address_trust_requests(const std::string& profile_name,
                                                 const Values& values);

/// What project.schema_command and project.seed_command run.
std::vector<TrustRequest> program_trust_requests(const Values& values,
                                                 const std::filesystem::path& root);

/// What [server] wants: programs in a folder that the file names, and a server on data that lie in
/// the project.
std::vector<TrustRequest> server_trust_requests(const Values& values,
                                                const std::filesystem::path& root);

} // namespace crudctl::config
