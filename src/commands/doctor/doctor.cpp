#include "commands/doctor/aws_checks.hpp"
#include "operation/command_entry.hpp"
#include "support/process/interrupt.hpp"

#include <optional>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

void report(Context& context, const Diagnosis& diagnosis, const std::string& profile,
            const std::string& target)
{
    context.console.result(context.options.json ? diagnosis.json(profile, target)
                                                : diagnosis.text());
}

/// The settings lead nowhere: nothing else can be asked.
[[noreturn]] void fail_without_target(Context& context, const Error& error)
{
    Diagnosis diagnosis;
    diagnosis.set_fence(context.settings.fence().lines());
    diagnosis.add(DoctorStep::setting,
                  {Verdict::fails, error.what(),
                   error.hint().empty() ? "crudctl config shows every setting" : error.hint()});
    report(context, diagnosis, context.settings.chosen_profile(), "");
    throw Error(error.code(), "the setting does not lead to a database");
}

/// Changes and starts nothing, and needs no AWS. Throws Error where a step on the way fails, after
/// the report.
void run_doctor(Context& context)
{
    std::optional<Target> target;
    try {
        target = find_target(context);
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        fail_without_target(context, error);
    }
    Diagnosis diagnosis;
    diagnosis.set_fence(context.settings.fence().lines());
    diagnosis.add(DoctorStep::setting, {Verdict::passes, target->text});
    WayIn way(context, *target, diagnosis);
    way.go();
    look_at_aws(context, *target, way, diagnosis);
    report(context, diagnosis, target->profile.name, target->text);
    if (const auto failed = diagnosis.failure()) {
        throw Error(ExitCode::connection,
                    fmt::format("\"{}\" cannot be connected to: {} fails", target->info.database(),
                                step_name(failed->step)));
    }
}

void add_doctor(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_doctor);
}

} // namespace

extern const CommandEntry doctor_command = {
    .name = "doctor",
    .aliases = {},
    .group = "Look",
    .command_class = CommandClass::reads,
    .takes_profile = TakesProfile::positional,
    .summary = "find out why there is no connection, step by step",
    .example = "crudctl doctor prod",
    .add = add_doctor,
};

} // namespace crudctl::commands
