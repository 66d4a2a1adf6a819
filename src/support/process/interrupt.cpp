#include "support/process/interrupt.hpp"

#include "support/error.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace crudctl {

namespace {

constexpr std::array caught_signals = {SIGINT, SIGTERM, SIGHUP};

std::array<int, 2> wake_pipe = {-1, -1};
std::atomic<int> first_signal = 0;
std::atomic<int> signal_count = 0;

extern "C" void note_signal(int number)
{
    int none = 0;
    first_signal.compare_exchange_strong(none, number);
    signal_count.fetch_add(1);
    const char byte = 0;
    // The pipe does not block; when it is full, a wake-up is already waiting in it.
    [[maybe_unused]] const auto written = ::write(wake_pipe[1], &byte, 1);
}

/// Whoever started us with a signal ignored, like nohup, wants it ignored.
void note_unless_ignored(int signal)
{
    struct sigaction former {};
    ::sigaction(signal, nullptr, &former);
    if (former.sa_handler == SIG_IGN) {
        return;
    }
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(signal, &action, nullptr);
}

} // namespace

InterruptScope::InterruptScope()
{
    interrupt::forget();
    if (::pipe2(wake_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw Error(ExitCode::failed, "cannot make a pipe for signals");
    }
    for (const int signal : caught_signals) {
        note_unless_ignored(signal);
    }
    ::signal(SIGPIPE, SIG_IGN);
}

InterruptScope::~InterruptScope()
{
    for (int& end : wake_pipe) {
        ::close(std::exchange(end, -1));
    }
}

namespace interrupt {

int descriptor()
{
    return wake_pipe[0];
}

int count()
{
    return signal_count.load();
}

std::optional<ExitCode> pending()
{
    switch (first_signal.load()) {
    case 0:
        return std::nullopt;
    case SIGINT:
        return ExitCode::interrupted;
    default:
        return ExitCode::terminated;
    }
}

void throw_if_pending()
{
    if (const auto code = pending()) {
        throw Error(*code, "interrupted");
    }
}

void forget()
{
    first_signal = 0;
    signal_count = 0;
    char drained[64];
    while (wake_pipe[0] >= 0 && ::read(wake_pipe[0], drained, sizeof drained) > 0) {}
}

} // namespace interrupt

} // namespace crudctl
