#pragma once

#include "operation/target.hpp"
#include "plan/executor.hpp"
#include "plan/guard.hpp"
#include "server/local_server.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace crudctl::commands {

// What the commands that change something have in common: the plan's head, the facts that are
// shown before it, and the report after it.

plan::Plan plan_for(const Context& context, const Target& target,
                    const database::ShortSurvey& survey, plan::Effect effect);
/// One that may set something aside.
plan::Plan plan_for(const Context& context, const Target& target, const database::Survey& survey,
                    plan::Effect effect);

/// Asks for as much as a plan of this effect is judged by. Throws ServerError.
database::Surveyor surveyor_for(pg::Connection& connection, const Target& target,
                                plan::Effect effect);

/// What every plan begins with that changes a target's name or makes something beside it. The plan
/// then lists what killed runs left unfinished, which goes with it, but for the one with the wanted
/// OID. Throws Error(connection) behind a pooler.
plan::LockTarget lock_step(plan::Plan& plan, const database::Survey& survey,
                           const std::string& wanted_oid = {});

/// Adds what goes for good once the target has been set aside once more, on an unprotected target.
void prune_after(plan::Plan& plan, const database::Survey& survey);

/// --dry-run: the plan on stdout, as text or JSON.
void print_plan(Context& context, const plan::Plan& plan);

plan::Runtime runtime_for(Context& context, Connector& connector, pg::Connection& maintenance);

/// What a build or a load in place left: "2 tables, 8 rows".
std::string built_text(const plan::Outcome& outcome);

/// `database "cruddur" (7.5 MB)`.
std::string loss_text(const database::Survey& survey);

/// Sessions on the database; of a protected one also its server, size, tables, rows and standbys,
/// for which it logs in. Where the profile names an instance, what RDS has of it, too, before
/// whatever happens to a protected one or goes past undo.
std::vector<plan::Fact> live_facts(Connector& connector, const plan::Plan& plan,
                                   const database::Survey& survey,
                                   const plan::ProtectedBecause& protection);
/// The same without RDS's say.
std::vector<plan::Fact> database_facts(Connector& connector, const database::Survey& survey,
                                       const plan::ProtectedBecause& protection);
/// What the guard has to know beside the plan, with these facts.
plan::Circumstances circumstances_with_facts(Connector& connector, const plan::Plan& plan,
                                             const database::Survey& survey);

/// Of what an undo takes back: commands and their times.
inline constexpr const char* undone_label = "takes back";

/// Where nobody was asked: says what is at stake and whose sessions are ended for it.
void warn_of_loss(Context& context, const plan::Plan& plan, const std::vector<plan::Fact>& facts);

/// " · ended 3 sessions"; empty where there were none.
std::string ended_text(const plan::Outcome& outcome);
/// " · the old one: crudctl undo"; empty where nothing was set aside.
std::string undo_hint(const Target& target, const plan::Outcome& outcome);

/// The last line of a command that changed something, or that found everything as asked.
void report_change(Context& context, const Target& target, const plan::Outcome& outcome,
                   const std::string& text);
void report_no_change(Context& context, const Target& target, const std::string& text);

/// What there is to say of the project's own server, as labels and texts: `status` and
/// `server status` show the same.
std::vector<std::pair<std::string, std::string>>
own_server_lines(const server::ServerStatus& status);

} // namespace crudctl::commands
