#pragma once

#include "aws/rds/rds.hpp"
#include "aws/request/query_api.hpp"
#include "operation/context.hpp"
#include "operation/target.hpp"
#include "plan/guard.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::commands {

// What stands behind a database on RDS, should undo not be enough.

/// What RDS has of the profile's instance, for whoever is about to destroy something: automated
/// backups, the newest snapshot, and whether a second copy of a database of this size fits. Empty
/// where the profile names no instance. Where AWS cannot be asked it says so, after few seconds.
std::vector<plan::Fact> backup_facts(Context& context, const Target& target,
                                     const std::optional<std::size_t>& database_size);

/// Whether that is the server that the profile connects to: by its own name, or by the endpoint
/// that the profile gives for a tunnel.
bool leads_to(const Target& target, const config::AwsSettings& settings,
              const aws::RdsInstance& instance);

/// --rds-snapshot.
void declare_snapshot_option(CLI::App& command, bool& takes_snapshot);

/// Puts a snapshot of the profile's instance before whatever the plan does. Throws
/// Error(configuration) where the profile names none.
void snapshot_first(plan::Plan& plan, const Context& context, const Target& target);

/// Takes it, and waits until it is there. Throws Error(refused) where the instance's state doesn't
/// allow one, or where this profile may lead to another server, Error(external) where it failed.
void take_snapshot(Context& context, const Target& target);

/// Looks again and again, with growing pauses, until `look` says that it is over, and says each new
/// state that it sets. False where the time is up; throws what `look` throws, and
/// Error(interrupted| terminated).
bool wait_through_states(Context& context, const aws::Pacing& pacing, std::chrono::seconds timeout,
                         const std::function<bool(std::string& state)>& look);

} // namespace crudctl::commands
