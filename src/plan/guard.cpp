#include "plan/guard.hpp"

#include "config/host_kind.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {})
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

/// What has to be typed: it names the database and where it is, so that no copied command line for
/// another one fits.
std::string phrase_for(const Plan& plan)
{
    return fmt::format("{}@{}", plan.database, plan.profile);
}

bool must_be_confirmed(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.protection) {
        return plan.effect != Effect::reads && plan.effect != Effect::adds;
    }
    return plan.effect == Effect::past_undo;
}

void require_clear_target(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.has_several_hosts && plan.effect >= Effect::destroys) {
        refuse("the URL names several hosts, so that nobody knows which server answers",
               "name the one server that is meant");
    }
    if (circumstances.protection && !circumstances.profile_is_on_command_line) {
        refuse(fmt::format("profile \"{}\" is protected ({}), so it has to be named on the command "
                           "line",
                           plan.profile, *circumstances.protection),
               fmt::format("crudctl {} {}", plan.command, plan.profile));
    }
}

} // namespace

ProtectedBecause protection_of(const ProtectedBecause& by_profile, bool declared_false,
                               const database::Survey& survey)
{
    if (by_profile) {
        return by_profile;
    }
    const std::string environment = survey.marker() ? survey.marker()->environment : "";
    if (environment == "prod") {
        return "its marker says that it is prod";
    }
    if (declared_false && (!survey.exists || !environment.empty())) {
        return std::nullopt;
    }
    if (!survey.managed_roles.empty()) {
        return fmt::format("the server has a managed service's role: {}", survey.managed_roles);
    }
    if (config::is_public_host(survey.address)) {
        return fmt::format("the server answers from the public address {}", survey.address);
    }
    return std::nullopt;
}

database::Permit Guard::judge(const Plan& plan, const Circumstances& circumstances)
{
    if (plan.effect >= Effect::destroys) {
        require_allowed(plan, circumstances);
    }
    if (must_be_confirmed(plan, circumstances)) {
        require_clear_target(plan, circumstances);
        confirm(plan, circumstances);
    } else if (circumstances.protection && plan.effect == Effect::adds) {
        m_console.note(fmt::format("profile \"{}\" is protected ({}); this only adds to it",
                                   plan.profile, *circumstances.protection));
    } else if (circumstances.has_several_hosts && plan.effect >= Effect::destroys) {
        require_clear_target(plan, circumstances);
    }
    return database::Permit(statement_tag(plan.command, circumstances.author, plan.id));
}

void Guard::require_allowed(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.is_marker_broken) {
        refuse(
            fmt::format("could not check what \"{}\" is: its marker cannot be read", plan.database),
            "crudctl mark --as says it anew");
    }
    if (circumstances.freeze) {
        refuse(fmt::format("\"{}\" is locked {}", plan.database,
                           database::describe(*circumstances.freeze)),
               "crudctl mark --unlocked ends that");
    }
    if (circumstances.is_marked_prod && !circumstances.is_profile_protected) {
        refuse(fmt::format("profile \"{}\" leads to a database that is marked prod", plan.profile),
               "use the profile that is meant for it, or look where this one's URL comes from");
    }
}

void Guard::confirm(const Plan& plan, const Circumstances& circumstances)
{
    const std::string phrase = phrase_for(plan);
    if (circumstances.confirm && *circumstances.confirm != phrase) {
        refuse(fmt::format("--confirm says \"{}\", but this is \"{}\"", *circumstances.confirm,
                           phrase));
    }
    if (!m_console.can_ask() && (circumstances.protection || !circumstances.confirm)) {
        refuse(fmt::format("{} of {} has to be confirmed by somebody at a terminal", plan.command,
                           phrase),
               circumstances.protection ? "" : fmt::format("or with --confirm {}", phrase));
    }
    show_screen(plan, circumstances);
    if (circumstances.confirm) {
        return;
    }
    const auto answer =
        m_console.ask(fmt::format("Type {} to go on, anything else to stop: ", phrase));
    if (answer != phrase) {
        refuse("not confirmed");
    }
}

void Guard::show_screen(const Plan& plan, const Circumstances& circumstances)
{
    const auto line = [&](std::string_view label, const std::string& text) {
        m_console.screen({{Style::dim, fmt::format("  {:<10} ", label)}, {Style::plain, text}});
    };
    m_console.screen({{Style::red, fmt::format("{} will destroy what is in {}", plan.command,
                                               phrase_for(plan))}});
    line("target", plan.target_text);
    if (circumstances.protection) {
        line("protected", *circumstances.protection);
    }
    for (const Fact& fact : circumstances.facts) {
        line(fact.label, fact.text);
    }
    for (const std::string& loss : plan.losses) {
        line("lost", loss);
    }
    line("undo", undo_text(plan));
}

} // namespace crudctl::plan
