#include "plan/run_state.hpp"

#include "database/sessions.hpp"

#include <utility>

namespace crudctl::plan {

database::Marker completed(const Plan& plan, database::Marker marker, const std::string& oid,
                           const std::string& name)
{
    marker.server = plan.server_identity;
    marker.oid = oid;
    if (marker.stand_in) {
        marker.stand_in->name = name;
    }
    return marker;
}

database::Removal removal_of(const Plan& plan, const std::string& name, const std::string& oid,
                             const database::Marker& marker)
{
    return {name, oid,
            completed(plan, database::doomed_marker(marker, plan.database, plan.now, plan.command),
                      oid, name)};
}

std::function<void()> session_ender(RunState& state, const std::string& database,
                                    const std::string& next)
{
    return [&state, database, next] {
        state.outcome.ended_sessions +=
            database::end_sessions(state.permit, state.sessions.observer(), database, next);
    };
}

} // namespace crudctl::plan
