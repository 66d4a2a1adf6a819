#pragma once

#include "operation/script_steps.hpp"

namespace crudctl::commands {

/// Loads files into the target as it stands, after the guard has judged what their statements do:
/// what schema-load and seed have in common.
void load_into_target(Context& context, ScriptRequest request);

} // namespace crudctl::commands
