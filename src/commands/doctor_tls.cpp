#include "commands/doctor_tls.hpp"

#include "aws/rds_host.hpp"
#include "pg/handshake.hpp"
#include "support/file.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// The file that the server's certificate is checked with; empty: the system's.
std::string root_file(const Context& context, const pg::ConnInfo& info)
{
    if (const auto named = info.value("sslrootcert")) {
        return *named == "system" ? std::string() : *named;
    }
    return context.settings.environment().value("HOME").value_or("") + "/.postgresql/root.crt";
}

std::string shown_root(const std::string& file)
{
    return file.empty() ? "the system's" : "\"" + file + "\"";
}

/// How the authority's certificate gets to where it is looked for.
std::string root_fix(const Context& context, const Target& target, const std::string& authority)
{
    const std::string named = root_file(context, target.info);
    const std::string file = named.empty() ? "~/.postgresql/root.crt" : named;
    if (!aws::is_rds_host(target.info.host()) || !target.info.host().ends_with(".com")) {
        return fmt::format("put the certificate of {} into {}", authority, file);
    }
    // What is in the file stays.
    return named.empty() || !is_there(file)
               ? fmt::format("curl -fsS --create-dirs -o {} {}", file, aws::rds_certificates)
               : fmt::format("curl -fsS {} >> {}", aws::rds_certificates, file);
}

Finding untrusted(const Context& context, const Target& target)
{
    const std::string file = root_file(context, target.info);
    const pg::CertificateView view = pg::look_at_certificate(target.info, file);
    const std::string issuer = view.issuer.empty() ? "an authority without a name" : view.issuer;
    const auto failure = [](const std::string& text, const std::string& fix) {
        return Finding{Verdict::fails, text, fix};
    };
    switch (view.flaw) {
    case pg::CertificateFlaw::expired:
        return failure(
            fmt::format("a certificate of the server's has expired (signed by {})", issuer),
            "have whoever runs the server renew its certificate");
    case pg::CertificateFlaw::not_yet_valid:
        return failure("the server's certificate is not valid yet",
                       "set this machine's clock, if that is wrong");
    case pg::CertificateFlaw::self_signed:
        return failure(fmt::format("the server's certificate is signed by itself alone, and is not "
                                   "among {} root certificates",
                                   shown_root(file)),
                       root_fix(context, target, "the server itself"));
    case pg::CertificateFlaw::unknown_authority:
        return failure(fmt::format("the server's certificate is signed by {}, who is not among {} "
                                   "root certificates",
                                   issuer, shown_root(file)),
                       root_fix(context, target, issuer));
    default:
        return failure(fmt::format("the server's certificate cannot be trusted{}{}",
                                   view.reason.empty() ? "" : ": ", view.reason),
                       root_fix(context, target, "whoever signed the server's"));
    }
}

} // namespace

std::string tls_text(const pg::ConnInfo& info, const std::string& tls_version)
{
    if (info.is_unix_socket()) {
        return "a Unix socket: nothing to encrypt";
    }
    const std::string mode = info.value("sslmode").value_or("prefer");
    if (tls_version.empty()) {
        return fmt::format("not encrypted (sslmode={})", mode);
    }
    const char* checks = mode == "verify-full" ? ", the certificate and its host name are right"
                         : mode == "verify-ca" ? ", the certificate is one of a trusted authority"
                                               : "";
    return fmt::format("{}{} (sslmode={})", tls_version, checks, mode);
}

Finding tls_failure(const Context& context, const Target& target, const pg::ConnectError& error)
{
    const std::string& origin = target.profile.origin;
    const auto failure = [&](const std::string& fix) {
        return Finding{Verdict::fails, error.reason(), fix};
    };
    switch (error.fault()) {
    case pg::Fault::untrusted_certificate:
        return untrusted(context, target);
    case pg::Fault::no_root_certificate:
        return failure(root_fix(context, target, "whoever signed the server's"));
    case pg::Fault::no_tls:
        return failure(
            fmt::format("put sslmode=prefer into {}, if the network may be trusted", origin));
    case pg::Fault::wrong_host:
        return failure(fmt::format("put the certificate's name into {} as the host", origin));
    case pg::Fault::no_common_tls:
        return failure(fmt::format("put ssl_min_protocol_version and ssl_max_protocol_version into "
                                   "{} as the server has them",
                                   origin));
    case pg::Fault::not_postgres:
        return failure("correct the port in " + origin);
    default:
        return failure(error.hint().empty() ? "the server's log tells more" : error.hint());
    }
}

} // namespace crudctl::commands
