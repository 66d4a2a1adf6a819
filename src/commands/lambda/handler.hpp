#pragma once

#include "aws/lambda/lambda_runtime.hpp"
#include "commands/lambda/session.hpp"
#include "commands/lambda/trigger.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::commands {

/// What became of an event.
struct LambdaOutcome {
    /// Nothing: it was done, or there was nothing to do, and the event goes back as it came.
    std::optional<aws::InvocationError> error;
    std::string log; // a line of JSON for whoever runs the function
    /// The log-in was refused: a password may have been changed.
    bool may_need_password = false;
    /// A signal ends the process.
    std::optional<ExitCode> ended;
};

/// Does what [lambda] says about an event, in the time that it has.
class LambdaHandler {
public:
    using Clock = std::chrono::steady_clock;

    LambdaHandler(std::vector<LambdaQuery> queries, pg::ConnInfo info);

    /// Connects, so that the first event need not; nothing happens where that fails.
    void warm_up();
    /// Never throws for what is wrong with the event or the database, and never takes longer: what
    /// then is still waited for, a name server perhaps, is left behind.
    LambdaOutcome handle(const aws::Invocation& invocation);
    /// With another password from here on.
    void use(pg::ConnInfo info);

private:
    struct Case; // an event that runs a query

    void take(Case& event, const std::string& text) const;
    LambdaOutcome try_to_run(Case& event);
    std::size_t run_in_time(const Case& event);

    std::vector<LambdaQuery> m_queries;
    pg::ConnInfo m_info;
    std::shared_ptr<LambdaSession> m_session; // shared with what was left behind
};

} // namespace crudctl::commands
