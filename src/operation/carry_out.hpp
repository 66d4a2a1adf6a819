#pragma once

#include "operation/context.hpp"
#include "operation/target.hpp"
#include "plan/executor.hpp"
#include "plan/guard.hpp"
#include "plan/journal.hpp"
#include "plan/plan.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace crudctl::commands {

/// What a command has to say of a change; the road that it takes is the same for all of them.
struct Operation {
    plan::Plan plan;
    /// What the guard has to know beside the plan, and the facts to show before the question. Asked
    /// only where more than the plan is wanted.
    std::function<plan::Circumstances(const plan::Plan&)> circumstances;
    /// The last line, "shop: 12 tables": null where the command reports in a way of its own.
    std::function<std::string(const plan::Outcome&)> sentence;
    /// What differs from the usual way to run a plan; null where nothing does.
    std::function<void(plan::Runtime&)> adapt;
    bool takes_snapshot = false; // of the RDS instance, first
    bool tells_loss = true;      // once there is leave
    /// Nobody may be connected to what is copied: the session ends before the work, and the work is
    /// done from the maintenance database.
    bool leaves_database = false;
};

/// Plans, judges, runs, notes in the journal and reports a change of a database. `connection` is
/// the session to work from; none where --dry-run found the project's own server not running.
/// Nothing comes back of a dry run, which ends with the plan.
///
/// In this order: a snapshot joins the plan; what its files do outside of their database is looked
/// at, so that a refusal comes before any question; --dry-run prints the plan; what its SQL wants
/// must be trusted; the guard decides; the loss is said; an id is used up; the steps run.
/// Throws Error(refused) from the guard, whose refusal of what destroys is kept in the journal, and
/// what plan::execute() throws.
std::optional<plan::Outcome> carry_out(Context& context, Connector& connector,
                                       std::unique_ptr<pg::Connection>& connection,
                                       Operation operation);

/// The same for what no step of a plan does, on the machine or at AWS: `act` does it. False after a
/// dry run.
bool carry_out(Context& context, const plan::Plan& plan, const plan::Circumstances& circumstances,
               const std::function<void()>& act);

// Whatever changes something is noted in the journal. One that can't be written is a warning, and
// the command goes on.

/// That what would destroy was refused.
void note_refusal(Context& context, const plan::Plan& plan, const Error& refusal);

/// Keeps how `act` ended: it may add to the entry, and what it throws goes on.
void run_journaled(Context& context, const plan::Plan& plan,
                   const std::function<void(plan::JournalEntry& entry)>& act);

/// The same for what is changed elsewhere than in a database: the entry says what.
void run_journaled(Context& context, plan::JournalEntry entry,
                   const std::function<void(plan::JournalEntry& entry)>& act);

} // namespace crudctl::commands
