#pragma once

#include <array>
#include <csignal>

#include <sys/types.h>

namespace crudctl {

/// While it lives, a child has the terminal: SIGTERM and SIGHUP that come to us go on to it; SIGINT
/// and SIGQUIT, which the terminal gives to both of us, change nothing here. One that was ignored
/// at the start stays ignored. Make it before the fork; only one at a time.
class SignalRelay {
public:
    SignalRelay();
    ~SignalRelay();
    SignalRelay(const SignalRelay&) = delete;
    SignalRelay& operator=(const SignalRelay&) = delete;

    /// In the child: signals come through again. Safe after fork().
    void release_child() const;
    /// In the parent: waits for the child to end, without taking its exit status.
    void wait_for(pid_t child) const;

private:
    static constexpr std::array relayed = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    std::array<struct sigaction, relayed.size()> m_former{};
    sigset_t m_former_mask{};
};

} // namespace crudctl
