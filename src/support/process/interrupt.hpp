#pragma once

#include "support/error.hpp"

#include <optional>

namespace crudctl {

/// SIGINT, SIGTERM and SIGHUP, turned into something that a wait can notice. From an InterruptScope
/// on they no longer end the process: who waits polls descriptor(), and asks pending(). One that
/// the process was started with as ignored, like nohup does, stays ignored. SIGPIPE is ignored too:
/// a write says so itself. After the scope signals are still caught, and change nothing: what was
/// done is done, and a late one must not make another exit code of it.
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
