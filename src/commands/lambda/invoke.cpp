#include "commands/lambda/actions.hpp"
#include "commands/lambda/handler.hpp"
#include "commands/lambda/templates.hpp"
#include "operation/target.hpp"
#include "operation/trust/trusting.hpp"
#include "support/process/interrupt.hpp"
#include "support/system/file.hpp"

#include <map>

#include <fmt/format.h>

// `lambda invoke` and `lambda event`: what a function does, without Lambda.
namespace crudctl::commands {

namespace {

constexpr std::size_t largest_event = std::size_t{6} << 20U; // Lambda's own limit

aws::Invocation invocation_of(const std::string& file)
{
    aws::Invocation invocation;
    invocation.id = "invoke";
    invocation.event = read_file(file, largest_event).text;
    invocation.deadline = std::chrono::system_clock::time_point::max();
    return invocation;
}

Target running_target(Context& context)
{
    Target target = announced_target(context);
    // The project's own server is started where it does not run, as for any other command.
    Connector(context, target).connect();
    if (target.is_own_server) {
        target.info = own_server(context).connection_info().with_database(target.info.database());
    }
    target.info = target.info.with("application_name", "crudctl lambda invoke");
    return target;
}

} // namespace

void run_lambda_invoke(Context& context, const LambdaOptions& options)
{
    const aws::Invocation invocation = invocation_of(options.event_file);
    const std::vector<LambdaQuery> queries = lambda_queries(context);
    std::vector<plan::Step> steps;
    steps.reserve(queries.size());
    for (const LambdaQuery& query : queries) {
        steps.emplace_back(plan::RunQuery{query.name, query.sql, {}});
    }
    require_trusted_steps(context, steps);
    LambdaHandler handler(queries, running_target(context).info);
    const LambdaOutcome outcome = handler.handle(invocation);
    context.console.note(outcome.log);
    if (outcome.ended) {
        interrupt::throw_if_pending();
    }
    context.console.result(outcome.error ? aws::to_json(*outcome.error) : invocation.event);
    if (outcome.error) {
        throw Error(ExitCode::failed, "the function fails at this event",
                    "the line above says why; Cognito's user is told what stdout says");
    }
}

void run_lambda_event(Context& context, const LambdaOptions& options)
{
    const std::map<std::string, std::string> events = {
        {"post-confirmation", templates::post_confirmation_json},
        {"forgot-password", templates::forgot_password_json}};
    const auto found = events.find(options.event_kind);
    if (found == events.end()) {
        throw Error(ExitCode::usage, fmt::format("no event is called \"{}\"", options.event_kind),
                    "there are post-confirmation and forgot-password");
    }
    context.console.result(found->second);
}

} // namespace crudctl::commands
