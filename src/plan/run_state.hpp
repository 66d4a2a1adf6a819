#pragma once

#include "database/lock.hpp"
#include "database/marker.hpp"
#include "database/permit.hpp"
#include "database/removal.hpp"
#include "plan/executor.hpp"
#include "plan/plan.hpp"
#include "plan/run_sessions.hpp"
#include "plan/step_log.hpp"

#include <functional>
#include <string>

namespace crudctl::plan {

/// A database that is built beside the target, under a name of its own until it is finished.
struct Build {
    std::string planned_name; // from the lock on
    std::string name;         // from the moment on that it may exist; empty: there is none
    std::string oid;
    double uncached_seconds = 0; // that loading took since the last copy for the cache
    std::string deferred;        // SQL to run as soon as it has the target's name
};

/// What the parts of a run share: what was asked for, the sessions, and what one step leaves to
/// the next.
struct RunState {
    RunState(const Plan& for_plan, const database::Permit& for_permit, const Runtime& with_runtime)
        : plan(for_plan),
          permit(for_permit),
          runtime(with_runtime),
          sessions(with_runtime),
          log(with_runtime.console)
    {}

    const Plan& plan;
    const database::Permit& permit;
    const Runtime& runtime;
    RunSessions sessions;
    StepLog log;
    Outcome outcome;
    database::Locked locked; // the target, as it was when it was locked
    Build build;
};

/// Completes a marker for a database with this OID and name on the plan's server.
database::Marker completed(const Plan& plan, database::Marker marker, const std::string& oid,
                           const std::string& name);

/// Describes the removal of a database that has this marker.
database::Removal removal_of(const Plan& plan, const std::string& name, const std::string& oid,
                             const database::Marker& marker);

/// A function that ends the sessions on a database and counts them in the outcome. Those on `next`,
/// the database that is to have its name, end with them: there it can be a lost one of ours. It
/// throws ServerError and ConnectError, and the state has to outlive it.
std::function<void()> session_ender(RunState& state, const std::string& database,
                                    const std::string& next = {});

} // namespace crudctl::plan
