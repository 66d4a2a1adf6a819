#include "plan/plan.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

namespace crudctl::plan {

namespace {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
// Clang before 17 does not deduce an aggregate's arguments by itself.
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string file_list(const script::Script& script)
{
    std::string text;
    for (const script::FileOutline& file : script.files) {
        text +=
            fmt::format("{}{} ({})", text.empty() ? "" : ", ", file.source->shown(),
                        file.csv ? size_text(file.bytes) : counted(file.statements, "statement"));
    }
    return text;
}

std::string file_list(const std::vector<script::ScriptFile>& files)
{
    std::string text;
    for (const script::ScriptFile& file : files) {
        text += (text.empty() ? "" : ", ") + file.shown;
    }
    return text;
}

std::string name_list(const std::vector<database::Copy>& copies)
{
    std::string text;
    for (const database::Copy& copy : copies) {
        text += (text.empty() ? "\"" : ", \"") + copy.name + "\"";
    }
    return text;
}

std::string_view kind_name(ScriptKind kind)
{
    return kind == ScriptKind::schema ? "schema" : "seeds";
}

std::string_view transaction_note(const script::Script& script)
{
    return script.settings.mode == script::TransactionMode::none
               ? ", each statement in a transaction of its own"
               : "";
}

std::string_view after_text(LoadedAfter after)
{
    switch (after) {
    case LoadedAfter::emptying:
        return "in one transaction drop what this role owns there, and ";
    case LoadedAfter::found_empty:
        return "in one transaction, if it is still empty, ";
    case LoadedAfter::nothing:
        break;
    }
    return "";
}

std::string_view lost_grants_note(CompareContent::LostGrants lost_grants)
{
    switch (lost_grants) {
    case CompareContent::LostGrants::accepted:
        return ", accepting lost grants";
    case CompareContent::LostGrants::told:
        return ", to tell what is lost";
    case CompareContent::LostGrants::refused:
        break;
    }
    return "";
}

std::string jobs_note(const LoadScripts& step)
{
    return step.jobs > 1 ? fmt::format(", unrelated CSV files over up to {} connections", step.jobs)
                         : "";
}

} // namespace

std::string_view effect_name(Effect effect)
{
    switch (effect) {
    case Effect::reads:
        return "reads";
    case Effect::adds:
        return "adds";
    case Effect::disrupts:
        return "disrupts";
    case Effect::destroys:
        return "destroys";
    case Effect::past_undo:
        break;
    }
    return "past undo";
}

std::string describe(const Step& step)
{
    return std::visit(
        Overloaded{
            [](const CreateDatabase& s) { return fmt::format("create database \"{}\"", s.name); },
            [](const DropDatabase& s) {
                return fmt::format("end the sessions on database \"{}\" and drop it", s.name);
            },
            [](const LockTarget& s) {
                return fmt::format("lock \"{}\" against other runs", s.target);
            },
            [](const BuildAside& s) {
                return s.copy_of.empty()
                           ? fmt::format("create an empty database beside \"{}\"", s.target)
                           : fmt::format("copy \"{}\"{}", s.copy_of,
                                         s.copy_of == s.target ? ", ending its sessions" : "");
            },
            [](const LoadScripts& s) {
                return fmt::format(
                    "{}load the {} in it{}{}: {}{}", after_text(s.after), kind_name(s.kind),
                    transaction_note(*s.script), jobs_note(s), file_list(*s.script),
                    s.checks.empty() ? "" : ", and run " + counted(s.checks.size(), "check"));
            },
            [](const RunPsql& s) {
                return fmt::format("let psql load the {} in it: {}", kind_name(s.kind),
                                   file_list(s.files));
            },
            [](const RunChecks& s) { return "run " + counted(s.queries.size(), "check"); },
            [](const KeepStart& s) {
                return fmt::format("where that took long, keep a copy of it as \"{}\" for the next "
                                   "time",
                                   s.name);
            },
            [](const CompareContent& s) {
                return fmt::format("compare grants, extensions and publications with the old one{}",
                                   lost_grants_note(s.lost_grants));
            },
            [](const TakeName& s) {
                return fmt::format("end the sessions on \"{0}\", set it aside if it is there, and "
                                   "give {1} the name \"{0}\"",
                                   s.target,
                                   s.copy ? fmt::format("\"{}\"", s.copy->name) : "the new one");
            },
            [](const SetAside& s) {
                return fmt::format("end the sessions on \"{}\" and set it aside", s.target);
            },
            [](const KeepAs& s) { return fmt::format("keep it as \"{}\"", s.name); },
            [](const DropCopies& s) { return "drop for good: " + name_list(s.copies); },
            [](const WriteMarker& s) {
                return fmt::format("write the marker of \"{}\"", s.database);
            },
            [](const ServiceCall& s) { return s.text; },
            [](const RunQuery& s) { return "run " + s.file; },
        },
        step);
}

std::string phrase_of(const Plan& plan)
{
    return fmt::format("{}@{}", plan.database, plan.profile);
}

std::string files_text(const Step& step)
{
    if (const auto* load = std::get_if<LoadScripts>(&step)) {
        return file_list(*load->script);
    }
    const auto* psql = std::get_if<RunPsql>(&step);
    return psql != nullptr ? file_list(psql->files) : "";
}

} // namespace crudctl::plan
