#include "support/system/ca_bundle.hpp"

#include "support/system/file.hpp"

#include <array>

namespace crudctl {

namespace {

/// A program may run on another distribution than the one that its libraries were built for, and
/// those know their own place only.
constexpr std::array usual_places = {
    "etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo
    "etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL, Amazon Linux
    "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // newer ones of these
    "etc/ssl/ca-bundle.pem",                            // openSUSE
    "etc/ssl/cert.pem",                                 // Alpine, macOS
};

} // namespace

std::optional<std::filesystem::path> system_ca_bundle(const Environment& environment,
                                                      const std::filesystem::path& root)
{
    for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
        if (const auto named = environment.value(name)) {
            return *named;
        }
    }
    for (const char* place : usual_places) {
        if (is_there(root / place)) {
            return root / place;
        }
    }
    return std::nullopt;
}

} // namespace crudctl
