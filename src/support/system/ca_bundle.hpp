#pragma once

#include "support/process/environment.hpp"

#include <filesystem>
#include <optional>

namespace crudctl {

/// The file with the certificate authorities that this system trusts: $SSL_CERT_FILE, else
/// $CURL_CA_BUNDLE, else the first of the places where distributions keep it. Nothing where there
/// is none: then the libraries' own guess is as good. `root` is where the file system begins.
std::optional<std::filesystem::path> system_ca_bundle(const Environment& environment,
                                                      const std::filesystem::path& root = "/");

} // namespace crudctl
