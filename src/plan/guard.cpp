#include "plan/guard.hpp"

#include "config/profile/host_kind.hpp"
#include "plan/plan_id.hpp"
#include "support/text/text.hpp"

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
    if (circumstances.needs_person) {
        return true;
    }
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

/// The plan that --confirm is about, as far as it names one. Throws where it names something else
/// or another plan, whether or not anything is asked here: that was what somebody meant.
struct Confirmation {
    bool is_given = false;
    std::string id; // of a plan
};

Confirmation confirmation_of(const Plan& plan, const Circumstances& circumstances)
{
    const std::string phrase = phrase_of(plan);
    const std::optional<std::string>& confirm = circumstances.confirm;
    if (!confirm) {
        return {};
    }
    if (*confirm == phrase) {
        return {true, {}};
    }
    if (!confirm->starts_with(phrase + "#")) {
        refuse(fmt::format("--confirm says \"{}\", but this is \"{}\"", *confirm, phrase));
    }
    const std::string id = confirm->substr(phrase.size() + 1);
    if (circumstances.needs_person) {
        refuse("this takes protection away, and a plan's id is not enough for it");
    }
    if (const auto objection = objection_to(id, plan)) {
        refuse(*objection);
    }
    return {true, id};
}

std::string why_nobody_can_be_asked(const Console& console)
{
    return console.automation().empty()
               ? ""
               : fmt::format(" ({} is set: no person sits at this terminal)", console.automation());
}

constexpr std::size_t label_columns = 13;
constexpr std::size_t narrowest_text = 20;
constexpr std::size_t most_lines = 4; // of one fact

class Screen {
public:
    explicit Screen(Console& console)
        : m_console(console),
          m_columns(std::max(console.terminal().columns, label_columns + narrowest_text) -
                    label_columns)
    {}

    void head(const std::string& text)
    {
        for (const std::string& line : lines_of(text, m_columns + label_columns)) {
            m_console.screen({{Style::red, line}});
        }
    }

    void fact(std::string_view label, const std::string& text)
    {
        if (text.empty()) {
            return;
        }
        for (const std::string& line : lines_of(text, m_columns)) {
            m_console.screen({{Style::dim, fmt::format("  {:<10} ", label)}, {Style::plain, line}});
            label = "";
        }
    }

private:
    /// Masked before it is cut: half a secret would be none that anybody knows.
    std::vector<std::string> lines_of(const std::string& text, std::size_t columns) const
    {
        std::vector<std::string> lines = wrapped(printable(m_console.masked(text)), columns);
        if (lines.size() > most_lines) {
            lines.resize(most_lines);
            lines.back() = shortened(lines.back(), columns - 2) + " …";
        }
        return lines;
    }

    Console& m_console;
    std::size_t m_columns;
};

std::string head_of(const Plan& plan)
{
    return fmt::format("{} will {} {}", plan.command,
                       plan.effect >= Effect::destroys ? "destroy what is in" : "change",
                       phrase_of(plan));
}

/// What comes instead of what is there, or into it.
void show_files(Screen& screen, const Plan& plan, const Author& author)
{
    bool has_schema = false;
    bool has_seeds = false;
    for (const Step& step : plan.steps) {
        const std::string files = files_text(step);
        if (files.empty()) {
            continue;
        }
        const auto* load = std::get_if<LoadScripts>(&step);
        const ScriptKind kind = load != nullptr ? load->kind : std::get<RunPsql>(step).kind;
        screen.fact(kind == ScriptKind::schema ? "schema" : "seeds", files);
        has_schema = has_schema || kind == ScriptKind::schema;
        has_seeds = has_seeds || kind == ScriptKind::seeds;
    }
    const bool is_built_anew = std::ranges::any_of(
        plan.steps, [](const Step& step) { return std::holds_alternative<BuildAside>(step); });
    if (has_schema && is_built_anew && !has_seeds) {
        screen.fact("seeds", "not loaded");
    }
    if (has_schema || has_seeds) {
        screen.fact("commit", author.git);
    }
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
    const database::Marker* marker = survey.marker();
    if (marker != nullptr && marker->environment == "prod") {
        return "its marker says that it is prod";
    }
    if (std::ranges::any_of(survey.comment.marks, [](const database::Marker& mark) {
            return mark.stand_in && mark.stand_in->is_protected;
        })) {
        return "it is a copy of a protected database";
    }
    if (survey.comment.says_prod) {
        return "a mark in its comment says prod, written by hand, or before it was restored, "
               "cloned "
               "or upgraded";
    }
    const bool is_said = marker != nullptr && database::is_said_harmless(*marker);
    if (declared_false && (!survey.exists || is_said)) {
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

/// What a person may do about a refusal. Where none is there to do it, a script would.
std::string Guard::advice(const std::string& text) const
{
    return m_console.can_ask() ? text : "";
}

void Guard::require_no_other_protection(const Circumstances& circumstances) const
{
    if (circumstances.same_database) {
        refuse(*circumstances.same_database,
               "use the profile that is meant for it" +
                   advice(fmt::format("; where this is another database after all, {} --as staging "
                                      "(or dev) says so, and asks before",
                                      circumstances.mark_command)));
    }
}

/// An unprotected profile does not lead to what is protected under another name, or marked so.
void Guard::require_meant(const Plan& plan, const Circumstances& circumstances) const
{
    require_no_other_protection(circumstances);
    if (circumstances.is_marked_prod && !circumstances.is_profile_protected) {
        refuse(fmt::format("profile \"{}\" leads to a database that is marked prod", plan.profile),
               "use the profile that is meant for it, or look where this one's URL comes from");
    }
}

void Guard::require_allowed(const Plan& plan, const Circumstances& circumstances) const
{
    if (circumstances.is_marker_broken) {
        refuse(
            fmt::format("could not check what \"{}\" is: its marker cannot be read", plan.database),
            advice(fmt::format("{} --as staging (or dev, or prod) says it anew, and asks before",
                               circumstances.mark_command)));
    }
    if (circumstances.freeze) {
        refuse(fmt::format("\"{}\" is locked {}", plan.database,
                           database::describe(*circumstances.freeze)),
               advice(fmt::format("{} --unlocked ends that, and asks before",
                                  circumstances.mark_command)));
    }
    require_meant(plan, circumstances);
}

void Guard::require_clear_target(const Plan& plan, const Circumstances& circumstances)
{
    if (circumstances.protection && !circumstances.profile_is_on_command_line) {
        refuse(fmt::format("profile \"{}\" is protected ({}), so it has to be named on the command "
                           "line",
                           plan.profile, *circumstances.protection),
               fmt::format("crudctl {} -p {}", plan.command, plan.profile));
    }
}

database::Permit Guard::judge(const Plan& plan, const Circumstances& circumstances)
{
    if (plan.effect >= Effect::destroys) {
        require_allowed(plan, circumstances);
    } else if (plan.effect == Effect::disrupts) {
        require_no_other_protection(circumstances);
    } else if (brings_content(plan)) {
        require_meant(plan, circumstances);
    }
    const Confirmation given = confirmation_of(plan, circumstances);
    if (must_be_confirmed(plan, circumstances)) {
        require_clear_target(plan, circumstances);
        confirm(plan, circumstances, given.is_given, given.id);
    } else if (circumstances.protection && plan.effect == Effect::adds) {
        m_console.note(fmt::format("profile \"{}\" is protected ({}); this only adds to it",
                                   plan.profile, *circumstances.protection));
    }
    for (const database::Copy& copy : plan.unproven) {
        confirm_copy(copy);
    }
    return database::Permit(statement_tag(plan.command, circumstances.author, digest_of(plan)),
                            given.id);
}

/// What the catalogs can't prove to be crudctl's, a person may know: by its full name, and with its
/// owner shown.
void Guard::confirm_copy(const database::Copy& copy)
{
    const std::string doubt = fmt::format("\"{}\", owned by role \"{}\", may be somebody's "
                                          "database: {}",
                                          printable(copy.name), printable(copy.owner), copy.doubt);
    if (!m_console.can_ask()) {
        refuse(doubt + "; using it must be confirmed at a terminal");
    }
    m_console.screen({{Style::red, doubt}});
    if (m_console.ask(fmt::format("Type {} to use it all the same, anything else to stop: ",
                                  printable(copy.name))) != copy.name) {
        refuse("not confirmed");
    }
}

void Guard::confirm(const Plan& plan, const Circumstances& circumstances, bool is_given,
                    const std::string& id)
{
    const std::string phrase = phrase_of(plan);
    const bool needs_terminal = circumstances.protection || circumstances.needs_person;
    const bool is_enough = needs_terminal ? !id.empty() : is_given;
    if (!is_enough && !m_console.can_ask()) {
        refuse(fmt::format("{} of {} has to be confirmed by somebody at a terminal{}", plan.command,
                           phrase, why_nobody_can_be_asked(m_console)),
               circumstances.lacks_word && !circumstances.needs_person
                   ? fmt::format("nothing that counts says what the database is: a person says so "
                                 "once at a terminal, by {} --as staging (or dev)",
                                 circumstances.mark_command)
                   : "");
    }
    show_guard_screen(m_console, plan, circumstances);
    if (is_given) {
        return;
    }
    const auto answer =
        m_console.ask(fmt::format("Type {} to go on, anything else to stop: ", phrase));
    if (answer != phrase) {
        refuse("not confirmed");
    }
}

void show_guard_screen(Console& console, const Plan& plan, const Circumstances& circumstances)
{
    Screen screen(console);
    screen.head(head_of(plan));
    screen.fact("target", plan.target_text);
    screen.fact("protected", circumstances.protection.value_or(""));
    screen.fact("not marked", circumstances.unmarked);
    for (const Fact& fact : circumstances.facts) {
        screen.fact(fact.label, fact.text);
    }
    for (const std::string& loss : plan.losses) {
        screen.fact("lost", loss);
    }
    show_files(screen, plan, circumstances.author);
    if (plan.effect >= Effect::destroys) {
        screen.fact("undo", undo_text(plan));
    }
    if (plan.undo_reaches) {
        screen.fact("", "undo is no backup: it lies on the same server");
    }
}

} // namespace crudctl::plan
