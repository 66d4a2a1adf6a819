#include "commands/scripts.hpp"

#include "commands/report.hpp"
#include "commands/target.hpp"
#include "database/name.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace crudctl::commands {

SharedScript read_scripts(const Context& context, const std::vector<std::string>& named,
                          const std::vector<std::filesystem::path>& configured,
                          const std::string& setting)
{
    const std::filesystem::path& root = context.settings.project().root;
    std::vector<script::ScriptFile> files;
    files.reserve(named.size() + configured.size());
    for (const std::string& name : named) {
        files.push_back(script::ScriptFile::below(root, std::filesystem::absolute(name)));
    }
    if (named.empty()) {
        for (const std::filesystem::path& path : configured) {
            files.push_back(script::ScriptFile::below(root, path));
        }
    }
    if (files.empty()) {
        throw Error(ExitCode::configuration, "there is no file to load",
                    fmt::format("name one with --file, or as {} in crudctl.toml", setting));
    }
    return std::make_shared<const script::Script>(script::read_script(files));
}

void load_into_target(Context& context, const SharedScript& script, plan::ScriptKind kind)
{
    const script::FilesEffect by_file = script::effect_of_script(*script);
    const plan::Effect effect = by_file.destroys ? plan::Effect::destroys : plan::Effect::adds;
    const Target target = announced_target(context);
    database::check_own_name(target.info.database(), target.profile.maintenance_database);
    plan::Plan plan = plan_for(context, target, effect);
    plan.steps = {plan::LoadScripts{kind, script}};
    Connector connector(context, target);
    const auto connection = connector.connect();
    const database::Survey survey = database::take_survey(*connection, target.info.database());
    database::require_primary(survey);
    if (by_file.destroys) {
        plan.losses = {fmt::format("what the files drop or change in {}, first at {}:{}: {}",
                                   loss_text(survey), by_file.file, by_file.place.line,
                                   by_file.text)};
    }
    if (context.options.dry_run) {
        print_plan(context, plan);
        return;
    }
    plan::Circumstances circumstances = circumstances_of(context, target, survey);
    circumstances.facts = live_facts(connector, *connection, survey, circumstances.protection);
    const database::Permit permit = plan::Guard(context.console).judge(plan, circumstances);
    const plan::Outcome outcome =
        plan::execute(plan, permit, runtime_for(context, connector, *connection));
    report_change(context, target, outcome,
                  fmt::format("{}: {} loaded, {}", target.info.database(),
                              counted(outcome.statements, "statement"),
                              duration_text(context.elapsed().count())));
}

} // namespace crudctl::commands
