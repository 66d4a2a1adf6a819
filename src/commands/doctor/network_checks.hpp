#pragma once

#include "commands/doctor/diagnosis.hpp"
#include "operation/target.hpp"
#include "support/system/network.hpp"

#include <functional>
#include <string>
#include <vector>

namespace crudctl::commands {

/// The way to a session, step by step, each on its own, so that the one that fails is known. It
/// starts nothing, and ends at the first failure.
class WayIn {
public:
    WayIn(Context& context, const Target& target, Diagnosis& diagnosis);

    void go();

    /// Every address of the target's hosts, as far as they were found.
    const std::vector<std::string>& addresses() const noexcept { return m_addresses; }
    /// Nobody answered, and nobody refused: as behind a firewall, or with nothing there.
    bool met_silence() const noexcept { return m_met_silence; }

private:
    bool look_up_names();
    bool try_server();
    bool try_own_server();
    bool try_socket();
    bool try_ports();
    bool settle_tls();

    /// Passes or fails, and says which of the two.
    bool pass(DoctorStep step, const std::string& text);
    bool fail(DoctorStep step, const std::string& text, const std::string& fix);

    Context& m_context;
    const Target& m_target;
    Diagnosis& m_diagnosis;
    Progress m_progress;
    std::function<void()> m_on_wait;
    std::vector<std::vector<std::string>> m_place_addresses; // of each of the target's places
    std::vector<std::string> m_addresses;
    bool m_met_silence = false;
};

/// What sslmode made of it: the version (empty: not encrypted), and what was checked.
std::string tls_text(const pg::ConnInfo& info, const std::string& tls_version);

/// Which check failed and what helps; of a certificate that isn't trusted, why: the server is asked
/// for it once more.
Finding tls_failure(const Context& context, const Target& target, const pg::ConnectError& error);

} // namespace crudctl::commands
