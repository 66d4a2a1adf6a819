#pragma once

#include "commands/context.hpp"
#include "database/permit.hpp"
#include "plan/executor.hpp"
#include "plan/guard.hpp"
#include "plan/journal.hpp"

#include <functional>

namespace crudctl::commands {

// Whatever changes something goes through here, so that the journal has it. A journal that cannot
// be written is a warning, and the command goes on.

/// The guard's leave; that it refused what would destroy is kept in the journal. Throws what
/// Guard::judge() throws.
database::Permit permit_for(Context& context, const plan::Plan& plan,
                            const plan::Circumstances& circumstances);

/// Executes the plan and keeps in the journal how that ended. Throws what plan::execute() throws.
plan::Outcome run_plan(Context& context, const plan::Plan& plan, const database::Permit& permit,
                       const plan::Runtime& runtime);

/// The same for what no step of a plan does: `act` may add to the entry, and what it throws goes
/// on.
void run_journaled(Context& context, const plan::Plan& plan,
                   const std::function<void(plan::JournalEntry& entry)>& act);

/// The same for what is changed elsewhere than in a database: the entry says what.
void run_journaled(Context& context, plan::JournalEntry entry,
                   const std::function<void(plan::JournalEntry& entry)>& act);

} // namespace crudctl::commands
