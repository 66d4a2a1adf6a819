#pragma once

#include "commands/context.hpp"
#include "plan/plan.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace crudctl::commands {

/// The files named on the command line, else the project's, read and cut into statements: what
/// cannot be sent is refused before anything is contacted. Throws Error(configuration) where there
/// is none or one cannot be read, script::ScriptError.
using SharedScript = std::shared_ptr<const script::Script>;
SharedScript read_scripts(const Context& context, const std::vector<std::string>& named,
                          const std::vector<std::filesystem::path>& configured,
                          const std::string& setting);

/// Loads files into the target as it stands, all or nothing, after the guard has judged what their
/// statements do: what schema-load and seed have in common.
void load_into_target(Context& context, const SharedScript& script, plan::ScriptKind kind);

} // namespace crudctl::commands
