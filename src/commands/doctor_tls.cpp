#include "commands/doctor_tls.hpp"

#include "aws/rds_host.hpp"
#include "commands/doctor_fix.hpp"
#include "pg/handshake.hpp"
#include "support/ca_bundle.hpp"
#include "support/file.hpp"

#include <regex>

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

std::string issuer_text(const pg::CertificateView& view)
{
    return view.issuer.empty() ? "an authority without a name" : view.issuer;
}

std::string shown_root(const std::string& file)
{
    return file.empty() ? "the system's" : "\"" + file + "\"";
}

/// How the authority's certificate gets to where it is looked for.
std::string root_fix(const Target& target, const pg::CertificateView& view, const std::string& file)
{
    if (!aws::is_rds_host(target.info.host()) || !target.info.host().ends_with(".com")) {
        return certificate_fix(target, view, file);
    }
    // What is in the file stays.
    return file.empty() || !is_there(file)
               ? fmt::format("curl -fsS --create-dirs -o {} {}",
                             file.empty() ? "~/.postgresql/root.crt" : file, aws::rds_certificates)
               : fmt::format("curl -fsS {} >> {}", aws::rds_certificates, file);
}

Finding untrusted(const Target& target, const pg::CertificateView& view, const std::string& file)
{
    const auto failure = [](const std::string& text, const std::string& fix) {
        return Finding{Verdict::fails, text, fix};
    };
    switch (view.flaw) {
    case pg::CertificateFlaw::expired:
        return failure(fmt::format("a certificate of the server's has expired (signed by {})",
                                   issuer_text(view)),
                       "have whoever runs the server renew its certificate");
    case pg::CertificateFlaw::not_yet_valid:
        return failure("the server's certificate is not valid yet",
                       "set this machine's clock, if that is wrong: sudo timedatectl set-ntp true");
    case pg::CertificateFlaw::self_signed:
        return failure(fmt::format("the server's certificate is signed by itself alone, and is not "
                                   "among {} root certificates",
                                   shown_root(file)),
                       root_fix(target, view, file));
    case pg::CertificateFlaw::unknown_authority:
        return failure(fmt::format("the server's certificate is signed by {}, who is not among {} "
                                   "root certificates",
                                   issuer_text(view), shown_root(file)),
                       root_fix(target, view, file));
    default:
        return failure(fmt::format("the server's certificate cannot be trusted{}{}",
                                   view.reason.empty() ? "" : ": ", view.reason),
                       root_fix(target, view, file));
    }
}

/// There is none yet: the system's may do.
std::string first_root_fix(const Context& context, const Target& target, const std::string& file)
{
    const pg::CertificateView view = pg::look_at_certificate(target.info, {});
    const auto bundle = system_ca_bundle(context.settings.environment());
    return view.flaw == pg::CertificateFlaw::none && bundle
               ? parameter_fix(context, target, "sslrootcert", bundle->string())
               : root_fix(target, view, file);
}

/// libpq's words have the name.
std::string name_fix(const Context& context, const Target& target, const std::string& reason)
{
    static const std::regex certificate("certificate for \"([^\"]+)\"");
    std::smatch match;
    const bool is_named = std::regex_search(reason, match, certificate);
    return setting_fix(context, target, "connect by the certificate's name", target.info.host(),
                       is_named ? match[1].str() : "HOST");
}

/// Whichever end it is that the versions do not reach.
std::string version_fix(const Context& context, const Target& target)
{
    return target.info.value("ssl_max_protocol_version")
               ? parameter_fix(context, target, "ssl_max_protocol_version", "TLSv1.3")
               : parameter_fix(context, target, "ssl_min_protocol_version", "TLSv1");
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
    const auto failure = [&](const std::string& fix) {
        return Finding{Verdict::fails, error.reason(), fix};
    };
    const std::string root = root_file(context, target.info);
    switch (error.fault()) {
    case pg::Fault::untrusted_certificate:
        return untrusted(target, pg::look_at_certificate(target.info, root), root);
    case pg::Fault::no_root_certificate:
        return failure(first_root_fix(context, target, root));
    case pg::Fault::no_tls:
        return failure("if the network may be trusted, " +
                       parameter_fix(context, target, "sslmode", "prefer"));
    case pg::Fault::wrong_host:
        return failure(name_fix(context, target, error.reason()));
    case pg::Fault::no_common_tls:
        return failure(version_fix(context, target));
    case pg::Fault::not_postgres:
        return failure(setting_fix(context, target, "correct the port",
                                   ":" + target.info.places().front().port, ":PORT"));
    default:
        return failure(error.hint().empty() ? "the server's log tells more" : error.hint());
    }
}

} // namespace crudctl::commands
