#include "commands/doctor/network_checks.hpp"

#include "aws/request/host.hpp"
#include "commands/doctor/fix.hpp"
#include "commands/doctor/session_check.hpp"
#include "operation/report.hpp"
#include "pg/connecting.hpp"
#include "pg/handshake.hpp"
#include "support/system/ca_bundle.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::commands {

namespace {

constexpr const char* start_server = "crudctl server start";

bool is_address(const std::string& text)
{
    in6_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1;
}

std::string contact_text(const Contact& contact, const std::string& port,
                         std::chrono::seconds timeout)
{
    const std::string place = fmt::format("{} port {}", contact.address, port);
    switch (contact.reach) {
    case Reach::answers:
        return place + " answers";
    case Reach::is_silent:
        return fmt::format("{}: no answer within {} s", place, timeout.count());
    default:
        return fmt::format("{}: {}", place, contact.problem);
    }
}

/// Where nobody answers at all: it is somebody else's to open.
std::string silence_fix(const Target& target)
{
    const auto place = target.info.places().front();
    return fmt::format("let this machine through the firewall in front of {}, port {}",
                       place.host.empty() ? place.address : place.host, place.port);
}

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
                       "ask the server's administrator to renew its certificate");
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
    const auto name = between("certificate for \"", "\"", reason);
    return setting_fix(context, target, "connect by the certificate's name", target.info.host(),
                       name.value_or("HOST"));
}

/// Whichever end it is that the versions do not reach.
std::string version_fix(const Context& context, const Target& target)
{
    return target.info.value("ssl_max_protocol_version")
               ? parameter_fix(context, target, "ssl_max_protocol_version", "TLSv1.3")
               : parameter_fix(context, target, "ssl_min_protocol_version", "TLSv1");
}

} // namespace

WayIn::WayIn(Context& context, const Target& target, Diagnosis& diagnosis)
    : m_context(context),
      m_target(target),
      m_diagnosis(diagnosis),
      m_progress(context.console),
      m_on_wait([this] { m_progress.tick(); })
{}

void WayIn::go()
{
    m_progress.begin("looking up the name");
    if (!look_up_names()) {
        return;
    }
    m_progress.begin("trying the port");
    if (!try_server()) {
        return;
    }
    m_progress.begin("settling TLS");
    if (!settle_tls()) {
        return;
    }
    m_progress.begin("logging in");
    SessionCheck(m_context, m_target, m_diagnosis, m_on_wait).run();
    m_progress.end();
}

bool WayIn::look_up_names()
{
    std::vector<std::string> texts;
    bool needs_no_names = true;
    bool is_found = false;
    for (const pg::ConnInfo::Place& place : m_target.info.places()) {
        std::vector<std::string>& addresses = m_place_addresses.emplace_back();
        if (place.is_unix_socket()) {
            texts.emplace_back("a Unix socket: nothing to look up");
            is_found = true;
        } else if (!place.address.empty() || is_address(place.host)) {
            addresses = {place.address.empty() ? place.host : place.address};
            texts.push_back(addresses.front() + " is an address: nothing to look up");
            is_found = true;
        } else {
            needs_no_names = false;
            const LookUp found =
                look_up(place.host, pg::connect_timeout_of(m_target.info), m_on_wait);
            addresses = found.addresses;
            is_found = is_found || !addresses.empty();
            texts.push_back(addresses.empty()
                                ? fmt::format("\"{}\": {}", place.host, found.problem)
                                : fmt::format("{} is {}", place.host, fmt::join(addresses, ", ")));
        }
        m_addresses.insert(m_addresses.end(), addresses.begin(), addresses.end());
    }
    const std::string text = fmt::format("{}", fmt::join(texts, "; "));
    if (!is_found && !needs_no_names) {
        return fail(DoctorStep::dns, text,
                    setting_fix(m_context, m_target, "correct the host, or this machine's network",
                                m_target.info.places().front().host, "HOST"));
    }
    return pass(DoctorStep::dns, text);
}

bool WayIn::try_server()
{
    if (m_target.is_own_server) {
        return try_own_server();
    }
    return m_target.info.is_unix_socket() ? try_socket() : try_ports();
}

bool WayIn::try_own_server()
{
    const server::ServerStatus status = own_server(m_context).status();
    const std::string text = "the project's own server: " + own_server_lines(status).front().second;
    switch (status.state) {
    case server::ServerState::running:
        return pass(DoctorStep::tcp, text);
    case server::ServerState::broken:
        return fail(DoctorStep::tcp, text, "crudctl server logs");
    default:
        return fail(DoctorStep::tcp, text, start_server);
    }
}

/// A socket's name is libpq's to make.
bool WayIn::try_socket()
{
    try {
        pg::try_handshake(m_target.info, m_on_wait);
    } catch (const pg::ConnectError& error) {
        return fail(DoctorStep::tcp, error.reason(), start_fix(m_context, m_target));
    }
    return pass(DoctorStep::tcp, "a server listens on the socket");
}

bool WayIn::try_ports()
{
    const auto timeout = pg::connect_timeout_of(m_target.info);
    const auto places = m_target.info.places();
    std::vector<std::string> texts;
    bool is_refused = false;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto contacts = try_port(m_place_addresses[i], places[i].port, timeout, m_on_wait);
        for (const Contact& contact : contacts) {
            if (contact.reach == Reach::answers) {
                return pass(DoctorStep::tcp, contact_text(contact, places[i].port, timeout));
            }
            is_refused = is_refused || contact.reach == Reach::refuses;
            m_met_silence = m_met_silence || contact.reach == Reach::is_silent;
            texts.push_back(contact_text(contact, places[i].port, timeout));
        }
    }
    m_met_silence = m_met_silence && !is_refused;
    return fail(DoctorStep::tcp, fmt::format("{}", fmt::join(texts, "; ")),
                m_met_silence ? silence_fix(m_target) : start_fix(m_context, m_target));
}

bool WayIn::settle_tls()
{
    try {
        const pg::Handshake handshake = pg::try_handshake(m_target.info, m_on_wait);
        return pass(DoctorStep::tls, tls_text(m_target.info, handshake.tls_version));
    } catch (const pg::ConnectError& error) {
        const Finding finding = tls_failure(m_context, m_target, error);
        return fail(DoctorStep::tls, finding.text, finding.fix);
    }
}

bool WayIn::pass(DoctorStep step, const std::string& text)
{
    m_diagnosis.add(step, {Verdict::passes, text});
    return true;
}

bool WayIn::fail(DoctorStep step, const std::string& text, const std::string& fix)
{
    m_progress.end();
    m_diagnosis.add(step, {Verdict::fails, text, fix});
    return false;
}

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
