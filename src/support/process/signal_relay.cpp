#include "support/process/signal_relay.hpp"

#include <atomic>
#include <cerrno>

#include <sys/wait.h>

namespace crudctl {

namespace {

std::atomic<pid_t> attended = 0;

extern "C" void relay_signal(int number)
{
    const int former = errno;
    const pid_t child = attended.load();
    if (child > 0 && (number == SIGTERM || number == SIGHUP)) {
        ::kill(child, number);
    }
    errno = former;
}

} // namespace

SignalRelay::SignalRelay()
{
    sigset_t blocked{};
    sigemptyset(&blocked);
    for (const int number : relayed) {
        sigaddset(&blocked, number);
    }
    ::sigprocmask(SIG_BLOCK, &blocked, &m_former_mask); // until there is a child to send them to
    for (std::size_t i = 0; i < relayed.size(); ++i) {
        ::sigaction(relayed[i], nullptr, &m_former[i]);
        if (m_former[i].sa_handler != SIG_IGN) {
            struct sigaction action {};
            action.sa_handler = relay_signal;
            action.sa_flags = SA_RESTART;
            ::sigaction(relayed[i], &action, nullptr);
        }
    }
}

SignalRelay::~SignalRelay()
{
    for (std::size_t i = 0; i < relayed.size(); ++i) {
        ::sigaction(relayed[i], &m_former[i], nullptr);
    }
    ::sigprocmask(SIG_SETMASK, &m_former_mask, nullptr);
}

void SignalRelay::release_child() const
{
    for (std::size_t i = 0; i < relayed.size(); ++i) {
        if (m_former[i].sa_handler != SIG_IGN) {
            ::signal(relayed[i], SIG_DFL); // or one that is waiting would be relayed to nobody
        }
    }
    ::sigprocmask(SIG_SETMASK, &m_former_mask, nullptr);
}

void SignalRelay::wait_for(pid_t child) const
{
    attended = child;
    ::sigprocmask(SIG_SETMASK, &m_former_mask, nullptr);
    siginfo_t ended{};
    // Its number stays taken meanwhile: no signal of ours can meet another process.
    while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) != 0 &&
           errno == EINTR) {}
    attended = 0;
}

} // namespace crudctl
