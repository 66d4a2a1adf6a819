#include "support/interrupt.hpp"

#include "support/error.hpp"

#include <array>
#include <atomic>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

namespace crudctl {

namespace {

constexpr std::array caught_signals = {SIGINT, SIGTERM, SIGHUP};

std::array<int, 2> wake_pipe = {-1, -1};
std::atomic<int> first_signal = 0;
std::atomic<int> signal_count = 0;
std::array<struct sigaction, caught_signals.size()> former_actions{};
struct sigaction former_pipe_action {};

extern "C" void note_signal(int number)
{
    int none = 0;
    first_signal.compare_exchange_strong(none, number);
    signal_count.fetch_add(1);
    const char byte = 0;
    // The pipe does not block; when it is full, a wake-up is already waiting in it.
    [[maybe_unused]] const auto written = ::write(wake_pipe[1], &byte, 1);
}

} // namespace

InterruptScope::InterruptScope()
{
    interrupt::forget();
    if (::pipe2(wake_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw Error(ExitCode::failed, "cannot make a pipe for signals");
    }
    struct sigaction action {};
    action.sa_handler = note_signal;
    action.sa_flags = SA_RESTART;
    for (std::size_t i = 0; i < caught_signals.size(); ++i) {
        ::sigaction(caught_signals[i], &action, &former_actions[i]);
    }
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &former_pipe_action);
}

InterruptScope::~InterruptScope()
{
    for (std::size_t i = 0; i < caught_signals.size(); ++i) {
        ::sigaction(caught_signals[i], &former_actions[i], nullptr);
    }
    ::sigaction(SIGPIPE, &former_pipe_action, nullptr);
    for (int& end : wake_pipe) {
        ::close(end);
        end = -1;
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
