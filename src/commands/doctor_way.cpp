#include "commands/doctor_way.hpp"

#include "commands/doctor_fix.hpp"
#include "commands/doctor_session.hpp"
#include "commands/doctor_tls.hpp"
#include "commands/own_server_text.hpp"
#include "pg/handshake.hpp"
#include "pg/patience.hpp"

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
                         std::chrono::seconds patience)
{
    const std::string place = fmt::format("{} port {}", contact.address, port);
    switch (contact.reach) {
    case Reach::answers:
        return place + " answers";
    case Reach::is_silent:
        return fmt::format("{}: no answer within {} s", place, patience.count());
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
                look_up(place.host, pg::connect_patience(m_target.info), m_on_wait);
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
    const auto patience = pg::connect_patience(m_target.info);
    const auto places = m_target.info.places();
    std::vector<std::string> texts;
    bool is_refused = false;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto contacts = try_port(m_place_addresses[i], places[i].port, patience, m_on_wait);
        for (const Contact& contact : contacts) {
            if (contact.reach == Reach::answers) {
                return pass(DoctorStep::tcp, contact_text(contact, places[i].port, patience));
            }
            is_refused = is_refused || contact.reach == Reach::refuses;
            m_met_silence = m_met_silence || contact.reach == Reach::is_silent;
            texts.push_back(contact_text(contact, places[i].port, patience));
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

} // namespace crudctl::commands
