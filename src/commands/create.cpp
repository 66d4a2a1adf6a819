#include "operation/carry_out.hpp"
#include "operation/command_entry.hpp"
#include "operation/marking.hpp"
#include "operation/replacement_target.hpp"
#include "operation/report.hpp"

#include <utility>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

void run_create(Context& context)
{
    ReplacementTarget ground(context);
    const std::string& database = ground.survey.database;
    if (ground.survey.exists && ground.maintenance) {
        report_no_change(context, ground.target,
                         fmt::format("database \"{}\" already exists", database));
        return;
    }
    database::require_primary(ground.survey);
    require_no_alias(ground);
    database::require_creatable(ground.survey);
    plan::Plan plan = plan_for(context, ground.target, ground.survey, plan::Effect::adds);
    plan.preparations = ground.preparations;
    plan.steps = {plan::CreateDatabase{database, marker_for_new(ground.target, ground.survey)}};
    Operation operation;
    operation.plan = std::move(plan);
    operation.circumstances = [&](const plan::Plan& /*plan*/) {
        return circumstances_of(context, ground.target, ground.survey);
    };
    operation.sentence = [&](const plan::Outcome& /*outcome*/) {
        return fmt::format("database \"{}\" is there", database);
    };
    carry_out(context, ground.connector, ground.maintenance, std::move(operation));
}

void add_create(CLI::App& command, Invocation& chosen)
{
    runs(command, chosen, run_create);
}

} // namespace

extern const CommandEntry create_command = {
    .name = "create",
    .aliases = {"db-create"},
    .group = "Database",
    .command_class = CommandClass::adds,
    .takes_profile = TakesProfile::positional,
    .summary = "create the database, empty",
    .example = "crudctl create -d scratch",
    .add = add_create,
};

} // namespace crudctl::commands
