#pragma once

#include "aws/pacing.hpp"
#include "commands/context.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace crudctl::commands {

/// Looks again and again, with growing pauses, until `look` says that it is over, and says each new
/// state that it sets. False where the time is up; throws what `look` throws, and
/// Error(interrupted| terminated).
bool wait_through_states(Context& context, const aws::Pacing& pacing, std::chrono::seconds patience,
                         const std::function<bool(std::string& state)>& look);

} // namespace crudctl::commands
