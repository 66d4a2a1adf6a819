#include "aws/lambda/lambda_runtime.hpp"
#include "aws/request/curl_client.hpp"
#include "commands/lambda/actions.hpp"
#include "commands/lambda/handler.hpp"
#include "commands/lambda/trigger.hpp"
#include "operation/target.hpp"
#include "support/process/interrupt.hpp"

#include <memory>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

constexpr const char* address_variable = "AWS_LAMBDA_RUNTIME_API";

CLI::App& add_action(CLI::App& command, const char* name, const char* summary,
                     const std::shared_ptr<LambdaOptions>& options, LambdaAction action)
{
    CLI::App* added = command.add_subcommand(name, summary)->fallthrough();
    added->callback([options, action] { options->action = action; });
    return *added;
}

/// Lambda is on this machine: no proxy is, whatever the environment says.
aws::CurlClient plain_http()
{
    return aws::CurlClient({});
}

/// The same goes to end users, so the reason goes to the log alone.
void report_failed_start(const std::string& address, Console* console, const Error& error)
{
    const nlohmann::ordered_json log = {
        {"level", "error"}, {"error", "Crudctl.Init"}, {"message", error.what()}};
    if (console != nullptr) {
        console->screen(
            {{Style::plain,
              log.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)}});
    }
    try {
        aws::CurlClient http = plain_http();
        aws::LambdaRuntime(address, http)
            .fail_init({"Crudctl.Init", "this could not be completed, please try again later"});
    } catch (const Error&) { // what led here is told all the same
    }
}

/// What would be done at which event.
void print_queries(Context& context, const std::vector<LambdaQuery>& queries)
{
    for (const LambdaQuery& query : queries) {
        context.console.note(fmt::format("  {} runs {}", query.trigger_source, query.name));
        for (std::size_t i = 0; i < query.parameters.size(); ++i) {
            context.console.note(fmt::format("    {} is {}", query.parameters[i],
                                             fmt::join(query.fields[i], ", else ")));
        }
    }
    context.console.note("  any other event goes back untouched");
}

Target function_target(Context& context)
{
    Target target = find_target(context);
    if (target.is_own_server) {
        throw Error(ExitCode::configuration,
                    fmt::format("profile \"{}\" is the project's own server, which is not on "
                                "Lambda",
                                target.profile.name),
                    "name another profile in the function's variable CRUDCTL_PROFILE");
    }
    target.info = target.info.with("application_name", "crudctl lambda");
    return target;
}

/// Everything that has to be right before there is any event.
LambdaHandler started(Context& context, const std::string& address)
{
    try {
        auto queries = lambda_queries(context);
        LambdaHandler handler(std::move(queries), function_target(context).info);
        handler.warm_up();
        return handler;
    } catch (const Error& error) {
        if (!interrupt::pending()) {
            report_failed_start(address, &context.console, error);
        }
        throw;
    }
}

void answer(aws::LambdaRuntime& runtime, const aws::Invocation& invocation,
            const LambdaOutcome& outcome, Console& console)
{
    try {
        if (outcome.error) {
            runtime.fail(invocation, *outcome.error);
        } else {
            runtime.answer(invocation, invocation.event);
        }
    } catch (const aws::AnswerRefused& error) {
        console.warning(fmt::format("{} for {}", error.what(), invocation.id));
    }
}

/// Nobody waits for an answer now, so there is time to ask for the password again.
void renew_password(Context& context, LambdaHandler& handler)
{
    try {
        handler.use(function_target(context).info);
    } catch (const Error& error) {
        context.console.warning(error.what());
        interrupt::throw_if_pending();
    }
}

[[noreturn]] void serve(Context& context, const std::string& address)
{
    LambdaHandler handler = started(context, address);
    aws::CurlClient http = plain_http();
    aws::LambdaRuntime runtime(address, http);
    for (;;) {
        const aws::Invocation invocation = runtime.next();
        const LambdaOutcome outcome = handler.handle(invocation);
        context.console.screen({{Style::plain, outcome.log}});
        if (outcome.ended) {
            interrupt::forget(); // the answer still has to get through
        }
        answer(runtime, invocation, outcome, context.console);
        if (outcome.ended) {
            throw Error(*outcome.ended, "interrupted");
        }
        if (outcome.may_need_password && !context.settings.profile().password_command.empty()) {
            renew_password(context, handler);
        }
    }
}

/// As the runtime of a function it returns only by throwing.
void run_as_function(Context& context)
{
    if (context.options.dry_run) {
        print_queries(context, lambda_queries(context));
        return;
    }
    const auto address = context.settings.environment().value(address_variable);
    if (!address) {
        throw Error(ExitCode::usage,
                    fmt::format("\"crudctl lambda\" is what AWS Lambda starts as the runtime of a "
                                "function, and {} is not set",
                                address_variable),
                    "crudctl lambda event post-confirmation >event.json; crudctl lambda invoke "
                    "event.json does the same here");
    }
    serve(context, *address);
}

void run_action(Context& context, const LambdaOptions& options)
{
    switch (options.action) {
    case LambdaAction::serve:
        return run_as_function(context);
    case LambdaAction::invoke:
        return run_lambda_invoke(context, options);
    case LambdaAction::event:
        return run_lambda_event(context, options);
    case LambdaAction::package:
        return run_lambda_package(context, options);
    }
}

void add_lambda(CLI::App& command, Invocation& chosen)
{
    const auto options = std::make_shared<LambdaOptions>();
    add_action(command, "invoke", "do what the function would do at the event in a file", options,
               LambdaAction::invoke)
        .add_option("EVENT", options->event_file, "a JSON file")
        ->required();
    add_action(command, "event", "print an event to start from", options, LambdaAction::event)
        .add_option("KIND", options->event_kind, "post-confirmation or forgot-password")
        ->required();
    add_action(command, "package", "make the zip to deploy, and check that it starts", options,
               LambdaAction::package)
        .add_option("-o,--output", options->output, "the file (default crudctl-lambda.zip)")
        ->type_name("FILE");
    command.require_subcommand(0, 1);
    command.callback([&chosen, options] {
        if (options->action == LambdaAction::event) {
            chosen.action_class = CommandClass::reads;
        }
        chosen.run = [options](Context& context) { run_action(context, *options); };
        chosen.print_not_run = [options](const Environment& environment, const Error& error) {
            const auto address = environment.value(address_variable);
            if (options->action == LambdaAction::serve && address) {
                report_failed_start(*address, nullptr, error);
            }
        };
    });
}

} // namespace

extern const CommandEntry lambda_command = {
    .name = "lambda",
    .aliases = {},
    .group = "AWS",
    .command_class = CommandClass::adds,
    .takes_profile = TakesProfile::no,
    .summary = "be Cognito's trigger on AWS Lambda; try it, package it",
    .example = "crudctl lambda invoke event.json -p prod",
    .add = add_lambda,
};

} // namespace crudctl::commands
