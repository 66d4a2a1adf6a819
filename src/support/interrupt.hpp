#pragma once

#include "support/exit_code.hpp"

#include <optional>

namespace crudctl {

/// SIGINT, SIGTERM and SIGHUP, turned into something that a wait can notice. While an
/// InterruptScope lives they no longer end the process: who waits polls descriptor(), and asks
/// pending(). SIGPIPE is ignored for the same time: a write says so itself.
class InterruptScope {
public:
    InterruptScope();
    ~InterruptScope();
    InterruptScope(const InterruptScope&) = delete;
    InterruptScope& operator=(const InterruptScope&) = delete;
};

namespace interrupt {

/// Readable once a signal came; -1 outside an InterruptScope.
int descriptor();
/// How many signals came since the scope began, or since forget().
int count();
/// The exit code that the first signal asks for: interrupted or terminated.
std::optional<ExitCode> pending();
/// Throws Error with the code of the pending signal, if any: a safe point between two steps.
void throw_if_pending();
/// Takes what came as dealt with.
void forget();

} // namespace interrupt

} // namespace crudctl
