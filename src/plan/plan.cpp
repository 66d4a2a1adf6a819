#include "plan/plan.hpp"

#include "plan/plan_id.hpp"
#include "script/reader/psql_walk.hpp"
#include "script/sql/meta_command.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

/// It runs files in a database that is in use.
bool loads_in_place(const Plan& plan)
{
    return std::ranges::any_of(plan.steps,
                               [](const Step& step) { return !files_text(step).empty(); }) &&
           std::ranges::none_of(plan.steps, [](const Step& step) {
               return std::holds_alternative<BuildAside>(step);
           });
}

std::vector<std::string> outside_texts(const Plan& plan)
{
    std::vector<std::string> texts;
    std::ranges::transform(outside_statements(plan), std::back_inserter(texts),
                           [](const script::OutsideStatement& one) { return one.text(); });
    return texts;
}

/// Everything that would be done, in order.
std::vector<std::string> all_steps(const Plan& plan)
{
    std::vector<std::string> texts = plan.preparations;
    std::ranges::transform(plan.steps, std::back_inserter(texts), describe);
    return texts;
}

using script::OutsideStatement;
using Statements = std::vector<OutsideStatement>;

/// Whether one of psql's commands goes on in another session, runs a program that opens one, or
/// asks somebody for a password.
bool leaves_psql(const std::string& line)
{
    constexpr std::array<std::string_view, 6> clients = {"psql",    "createdb",   "dropdb",
                                                         "pg_dump", "pg_restore", "crudctl"};
    const script::MetaCommand command = script::parse_meta_command(line);
    const auto is_named = [&](std::string_view client) {
        return command.arguments.find(client) != std::string_view::npos;
    };
    return command.name == "c" || command.name == "connect" || command.name == "password" ||
           (command.name == "!" && std::ranges::any_of(clients, is_named));
}

class Search {
public:
    explicit Search(const Plan& plan) : m_database(plan.database) {}

    void operator()(const LoadScripts& step)
    {
        for (const OutsideStatement& statement : step.script->outside) {
            add(statement);
        }
        take_checks(step.checks);
    }

    void operator()(const RunPsql& step)
    {
        using Kind = script::PsqlPiece::Kind;
        std::string before;
        std::string end; // where one ends the one transaction of all files, or leaves it
        script::walk_psql_files(step.files, step.variables, [&](const script::PsqlPiece& piece) {
            if (piece.kind == Kind::statement) {
                if (end.empty() && script::ends_transaction(piece.text)) {
                    end = fmt::format("{}:{}", piece.file, piece.line);
                }
                add(script::outside_of(piece.text, m_database), piece.file, piece.line);
                before = piece.text;
            } else if (piece.kind == Kind::unread && piece.may_name_database) {
                OutsideStatement unread;
                unread.what = "a file that psql reads otherwise";
                unread.has_unknown_name = true;
                add(std::move(unread), piece.file, piece.line);
            } else if (piece.kind == Kind::command && piece.text.starts_with("\\gexec")) {
                add(script::outside_of_generated(before, m_database), piece.file, piece.line);
            } else if (piece.kind == Kind::command && end.empty() && leaves_psql(piece.text)) {
                end = fmt::format("{}:{}", piece.file, piece.line);
            }
        });
        if (!end.empty()) {
            throw Error(
                ExitCode::refused,
                fmt::format("{} ends the transaction that psql loads the files in, or leaves "
                            "it for another session; nothing was changed",
                            end),
                "take it out: psql loads all files into the one database, in one "
                "transaction");
        }
    }

    void operator()(const RunChecks& step) { take_checks(step.queries); }

    void operator()(const RunQuery& step)
    {
        constexpr std::size_t first_line = 1;
        add(script::outside_of(step.text, m_database), step.file, first_line);
    }

    void operator()(const auto& /*reads no SQL of the project's*/) {}

    Statements take() { return std::move(m_found); }

private:
    void take_checks(const std::vector<std::string>& queries)
    {
        for (std::size_t i = 0; i < queries.size(); ++i) {
            add(script::outside_of(queries[i], m_database), "project.checks", i + 1);
        }
    }

    void add(OutsideStatement statement, const std::string& file, std::size_t line)
    {
        statement.file = file;
        statement.line = line;
        add(statement);
    }

    void add(const OutsideStatement& statement)
    {
        const bool is_known = std::ranges::any_of(
            m_found, [&](const auto& known) { return known.text() == statement.text(); });
        if (!statement.what.empty() && !is_known) {
            m_found.push_back(statement);
        }
    }

    const std::string& m_database;
    Statements m_found;
};

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

namespace {

std::string marker_text(const WriteMarker& step)
{
    return !step.begins_to_load()
               ? fmt::format("write the marker of \"{}\"", step.database)
               : fmt::format("write into the marker of \"{}\" that {} is being loaded",
                             step.database, step.marker.loading);
}

std::string program_text(const RunProgram& step)
{
    return fmt::format("let a program make the {} in it: {}", kind_name(step.kind),
                       command_of(step));
}

std::string renaming_text(const TakeName& step)
{
    return fmt::format("end the sessions on \"{0}\", set it aside if it is there, and give {1} the "
                       "name \"{0}\"",
                       step.target,
                       step.copy ? fmt::format("\"{}\"", step.copy->name) : "the new one");
}

} // namespace

std::string describe(const Step& step)
{
    return std::visit(
        Overloaded{
            [](const CreateDatabase& s) { return fmt::format("create database \"{}\"", s.name); },
            [](const DropDatabase& s) {
                return fmt::format("end the sessions on database \"{}\" and drop it", s.name);
            },
            [](const LockTarget& s) {
                return fmt::format("lock \"{}\" against other runs{}", s.target,
                                   s.left_overs.empty()
                                       ? ""
                                       : ", and drop what killed runs left unfinished: " +
                                             name_list(s.left_overs));
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
                    (s.checks.empty() ? "" : ", and run " + counted(s.checks.size(), "check")) +
                        (s.marker ? ", and write the marker" : ""));
            },
            [](const RunPsql& s) {
                return fmt::format("let psql load the {} in it: {}", kind_name(s.kind),
                                   file_list(s.files));
            },
            [](const RunProgram& s) { return program_text(s); },
            [](const RunChecks& s) { return "run " + counted(s.queries.size(), "check"); },
            [](const CacheBuild& s) {
                return fmt::format("where that took long, keep a copy of it as \"{}\" for the next "
                                   "time",
                                   s.name);
            },
            [](const CompareContent& s) {
                return fmt::format("compare grants, extensions and publications with the old one{}",
                                   lost_grants_note(s.lost_grants));
            },
            [](const TakeName& s) { return renaming_text(s); },
            [](const SetAside& s) {
                return fmt::format("end the sessions on \"{}\" and set it aside", s.target);
            },
            [](const KeepAs& s) { return fmt::format("keep it as \"{}\"", s.name); },
            [](const DropCopies& s) { return "drop for good: " + name_list(s.copies); },
            [](const WriteMarker& s) { return marker_text(s); },
            [](const ServiceCall& s) { return s.text; },
            [](const RunQuery& s) { return "run " + s.file; },
        },
        step);
}

std::string phrase_of(const Plan& plan)
{
    return fmt::format("{}@{}", plan.database, plan.profile);
}

std::string command_of(const RunProgram& step)
{
    std::string text;
    for (const std::string& word : step.argv) {
        text += (text.empty() ? "" : " ") + shell_word(word);
    }
    return text;
}

std::string files_text(const Step& step)
{
    if (const auto* load = std::get_if<LoadScripts>(&step)) {
        return file_list(*load->script);
    }
    const auto* psql = std::get_if<RunPsql>(&step);
    return psql != nullptr ? file_list(psql->files) : "";
}

std::string undo_text(const Plan& plan)
{
    if (plan.undo_reaches) {
        return "yes: crudctl undo brings it back";
    }
    return loads_in_place(plan) ? "NO; that of crudctl setup could be undone" : "NO";
}

std::string to_text(const Plan& plan)
{
    std::string text = fmt::format("{} would\n", plan.command);
    const std::vector<std::string> steps = all_steps(plan);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        text += fmt::format("  {}. {}\n", i + 1, steps[i]);
    }
    for (const std::string& loss : plan.losses) {
        text += fmt::format("lost: {}\n", loss);
    }
    if (!plan.losses.empty()) {
        text += fmt::format("undo: {}\n", undo_text(plan));
    }
    for (const std::string& part : plan.kept) {
        text += fmt::format("kept from the old database: {}\n", part);
    }
    for (const std::string& outside : outside_texts(plan)) {
        text += fmt::format("outside this database: {}\n", outside);
    }
    for (const std::string& deletion : plan.deletions) {
        text += fmt::format("deleted for good: {}\n", deletion);
    }
    for (const std::string& reason : plan.left_alone) {
        text += fmt::format("left alone: {}\n", reason);
    }
    for (const database::Copy& copy : plan.unproven) {
        text += fmt::format("to be confirmed: {}: {}\n", database::describe(copy), copy.doubt);
    }
    if (const std::string id = id_of(plan); !id.empty()) {
        text += fmt::format("plan id: {0} (for one run within {1}: --confirm {2}#{0})\n", id,
                            duration_text(static_cast<double>(plan.id_lifetime.count())),
                            phrase_of(plan));
    }
    return printable(text, KeepLines::yes);
}

std::string to_json(const Plan& plan)
{
    const std::string id = id_of(plan);
    nlohmann::ordered_json document = {
        {"command", plan.command},
        {"target", plan.target_text},
        {"profile", plan.profile},
        {"database", plan.database},
        {"effect", effect_name(plan.effect)},
        {"steps", all_steps(plan)},
        {"destroys", plan.losses},
        {"undo", plan.undo_reaches},
        {"kept", plan.kept},
        {"deletes_for_good", plan.deletions},
        {"left_alone", plan.left_alone},
        {"outside", outside_texts(plan)},
    };
    for (const database::Copy& copy : plan.unproven) {
        document["unproven"].push_back({{"database", copy.name}, {"because", copy.doubt}});
    }
    if (!id.empty()) {
        document["plan_id"] = id;
        document["confirm"] = fmt::format("{}#{}", phrase_of(plan), id);
    }
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<OutsideStatement> outside_statements(const Plan& plan)
{
    Search search(plan);
    for (const Step& step : plan.steps) {
        std::visit(search, step);
    }
    return search.take();
}

} // namespace crudctl::plan
