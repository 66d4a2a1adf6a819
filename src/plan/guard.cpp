#include "plan/guard.hpp"

#include "config/host_kind.hpp"
#include "plan/guard_screen.hpp"
#include "plan/plan_id.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {})
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

bool must_be_confirmed(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.protection) {
        return plan.effect != Effect::reads && plan.effect != Effect::adds;
    }
    return plan.effect == Effect::past_undo;
}

/// Files that only add are welcome in a database of one's own, and on a protected profile noted: a
/// profile that leads to it by another name was not meant. What a mark says, or an empty database,
/// takes nothing from anybody.
bool brings_content(const Plan& plan)
{
    return std::ranges::any_of(plan.steps,
                               [](const Step& step) { return !files_text(step).empty(); });
}

void require_no_twin(const Circumstances& circumstances)
{
    if (circumstances.twin) {
        refuse(*circumstances.twin,
               "use the profile that is meant for it; where this is another database after all, "
               "crudctl mark --as staging (or dev) says so");
    }
}

/// An unprotected profile does not lead to what is protected under another name, or marked so.
void require_meant(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.is_marked_prod && !circumstances.is_profile_protected) {
        refuse(fmt::format("profile \"{}\" leads to a database that is marked prod", plan.profile),
               "use the profile that is meant for it, or look where this one's URL comes from");
    }
    require_no_twin(circumstances);
}

void require_allowed(const Plan& plan, const Circumstances& circumstances)
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
    require_meant(plan, circumstances);
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
               fmt::format("crudctl {} -p {}", plan.command, plan.profile));
    }
}

/// What --confirm says.
struct Confirmation {
    bool is_given = false;
    std::optional<std::string> id; // of a plan
};

/// Throws where it names something else, or another plan: whoever said so meant that, whether or
/// not anything is asked here.
Confirmation confirmation_of(const Plan& plan, const std::optional<std::string>& confirm)
{
    const std::string phrase = phrase_of(plan);
    if (!confirm) {
        return {};
    }
    if (*confirm == phrase) {
        return {true, std::nullopt};
    }
    if (confirm->starts_with(phrase + "#")) {
        const std::string id = confirm->substr(phrase.size() + 1);
        if (const auto objection = objection_to(id, plan)) {
            refuse(*objection, "--dry-run prints the plan as it is now");
        }
        return {true, id};
    }
    refuse(fmt::format("--confirm says \"{}\", but this is \"{}\"", *confirm, phrase));
}

} // namespace

ProtectedBecause protection_of(const ProtectedBecause& by_profile, bool declared_false,
                               const database::ShortSurvey& survey)
{
    if (by_profile) {
        return by_profile;
    }
    if (survey.comment.is_marker_broken) {
        return "its marker cannot be read, and may have said that it is prod";
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
    } else if (plan.effect == Effect::disrupts) {
        require_no_twin(circumstances);
    } else if (brings_content(plan)) {
        require_meant(plan, circumstances);
    }
    confirmation_of(plan, circumstances.confirm);
    if (must_be_confirmed(plan, circumstances)) {
        require_clear_target(plan, circumstances);
        confirm(plan, circumstances);
    } else if (circumstances.protection && plan.effect == Effect::adds) {
        m_console.note(fmt::format("profile \"{}\" is protected ({}); this only adds to it",
                                   plan.profile, *circumstances.protection));
    } else if (circumstances.has_several_hosts && plan.effect >= Effect::destroys) {
        require_clear_target(plan, circumstances);
    }
    return database::Permit(statement_tag(plan.command, circumstances.author, digest_of(plan)));
}

void Guard::confirm(const Plan& plan, const Circumstances& circumstances)
{
    const std::string phrase = phrase_of(plan);
    const Confirmation given = confirmation_of(plan, circumstances.confirm);
    const bool is_enough = circumstances.protection ? given.id.has_value() : given.is_given;
    if (!is_enough && !m_console.can_ask()) {
        refuse(fmt::format("{} of {} has to be confirmed by somebody at a terminal", plan.command,
                           phrase),
               circumstances.protection
                   ? fmt::format("or with what --dry-run prints for it: --confirm {}#ID", phrase)
                   : fmt::format("or with --confirm {}", phrase));
    }
    show_guard_screen(m_console, plan, circumstances);
    if (given.is_given) {
        return;
    }
    const auto answer =
        m_console.ask(fmt::format("Type {} to go on, anything else to stop: ", phrase));
    if (answer != phrase) {
        refuse("not confirmed");
    }
}

} // namespace crudctl::plan
