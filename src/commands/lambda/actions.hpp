#pragma once

#include "operation/context.hpp"

#include <string>

namespace crudctl::commands {

enum class LambdaAction { serve, invoke, event, package };
struct LambdaOptions {
    LambdaAction action = LambdaAction::serve;
    std::string event_file;                    // of invoke
    std::string event_kind;                    // of event
    std::string output = "crudctl-lambda.zip"; // of package
};

/// Runs what a function would do at the event in a file.
void run_lambda_invoke(Context& context, const LambdaOptions& options);
/// Prints an event to start from; needs no server, and no database.
void run_lambda_event(Context& context, const LambdaOptions& options);
/// Makes the zip that a function is deployed with; needs no server, and no database.
void run_lambda_package(Context& context, const LambdaOptions& options);

} // namespace crudctl::commands
