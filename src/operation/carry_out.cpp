#include "operation/carry_out.hpp"

#include "operation/rds_backup.hpp"
#include "operation/report.hpp"
#include "operation/trust/sql_requests.hpp"
#include "operation/trust/trusting.hpp"
#include "plan/plan_id.hpp"
#include "support/text/text.hpp"

#include <chrono>
#include <exception>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// The guard's leave. Before it the protected profiles are looked at that nobody saw yet, where the
/// circumstances say how.
database::Permit permit_for(Context& context, const plan::Plan& plan,
                            plan::Circumstances circumstances)
{
    require_trusted_steps(context, plan.steps);
    try {
        const bool has_to_look =
            plan.effect >= plan::Effect::destroys && !circumstances.same_database;
        if (has_to_look && circumstances.find_same_database) {
            circumstances.same_database = circumstances.find_same_database();
        }
        return plan::Guard(context.console).judge(plan, circumstances);
    } catch (const Error& error) {
        if (error.code() == ExitCode::refused && plan.effect >= plan::Effect::destroys) {
            note_refusal(context, plan, error);
        }
        throw;
    }
}

/// What an id gave leave for, with the id used up.
plan::Plan usable(const plan::Plan& plan, const database::Permit& permit,
                  const plan::Runtime& runtime)
{
    return permit.plan_id().empty()
               ? plan
               : plan::with_used_id(plan, permit.plan_id(), *runtime.connect(plan.database));
}

plan::Outcome run_plan(Context& context, const plan::Plan& plan, const database::Permit& permit,
                       const plan::Runtime& runtime)
{
    plan::Outcome outcome;
    run_journaled(context, plan, [&](plan::JournalEntry& entry) {
        // Somebody may have marked another database while the question stood.
        OutsideReach reach = require_harmless_outside(context, plan, runtime.maintenance);
        print_outside(context, reach.statements);
        plan::Plan judged = usable(plan, permit, runtime);
        judged.outside_oids = std::move(reach.oids);
        outcome = plan::execute(judged, permit, runtime);
        entry.undo = outcome.set_aside;
        entry.undo_oid = outcome.set_aside_oid;
        entry.undo_owner = outcome.set_aside.empty() ? "" : plan.owner;
        entry.server = plan.server_identity;
    });
    return outcome;
}

constexpr std::size_t longest_message = 300; // columns

/// The console knows the secrets; names are no free text, and must stay what they are.
std::string kept(const Context& context, std::string_view text)
{
    const std::string masked = context.console.masked(text);
    return shortened(printable(masked.substr(0, masked.find('\n'))), longest_message);
}

void write_down(Context& context, plan::JournalEntry entry, ExitCode code, std::string_view message)
{
    entry.result = plan::result_name(code);
    entry.exit_code = to_int(code);
    entry.target = kept(context, entry.target);
    entry.message = kept(context, message);
    try {
        plan::Journal::of_user(context.settings.environment()).append(entry);
    } catch (const Error& error) {
        context.console.warning(fmt::format("this is not in the journal: {}", error.what()));
    }
}

/// Before anybody is asked. A plan that is only to be shown leaves nothing in the journal.
void refuse_outside(Context& context, const plan::Plan& plan, pg::Connection& connection)
{
    try {
        require_harmless_outside(context, plan, connection);
    } catch (const Error& error) {
        if (error.code() == ExitCode::refused && !context.options.dry_run) {
            note_refusal(context, plan, error);
        }
        throw;
    }
}

} // namespace

std::optional<plan::Outcome> carry_out(Context& context, Connector& connector,
                                       std::unique_ptr<pg::Connection>& connection,
                                       Operation operation)
{
    plan::Plan& plan = operation.plan;
    if (operation.takes_snapshot) {
        snapshot_first(plan, context, connector.target());
    }
    if (connection) {
        refuse_outside(context, plan, *connection);
    }
    if (context.options.dry_run) {
        print_plan(context, plan);
        return std::nullopt;
    }
    const plan::Circumstances circumstances = operation.circumstances(plan);
    const database::Permit permit = permit_for(context, plan, circumstances);
    if (operation.tells_loss) {
        warn_of_loss(context, plan, circumstances.facts);
    }
    if (operation.leaves_database) {
        connection.reset();
        connection = connector.connect_to_maintenance();
    }
    plan::Runtime runtime = runtime_for(context, connector, *connection);
    if (operation.adapt) {
        operation.adapt(runtime);
    }
    plan::Outcome outcome = run_plan(context, plan, permit, runtime);
    if (operation.sentence) {
        report_change(context, connector.target(), outcome, operation.sentence(outcome));
    }
    return outcome;
}

bool carry_out(Context& context, const plan::Plan& plan, const plan::Circumstances& circumstances,
               const std::function<void()>& act)
{
    if (context.options.dry_run) {
        print_plan(context, plan);
        return false;
    }
    permit_for(context, plan, circumstances);
    run_journaled(context, plan, [&](plan::JournalEntry& /*entry*/) { act(); });
    return true;
}

void note_refusal(Context& context, const plan::Plan& plan, const Error& refusal)
{
    write_down(context, entry_for(plan, context.settings.root()), refusal.code(), refusal.what());
}

void run_journaled(Context& context, const plan::Plan& plan,
                   const std::function<void(plan::JournalEntry& entry)>& act)
{
    run_journaled(context, entry_for(plan, context.settings.root()), act);
}

void run_journaled(Context& context, plan::JournalEntry entry,
                   const std::function<void(plan::JournalEntry& entry)>& act)
{
    const auto started = std::chrono::steady_clock::now();
    const auto end = [&](ExitCode code, std::string_view message) {
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
        entry.seconds = took.count();
        write_down(context, entry, code, message);
    };
    try {
        act(entry);
    } catch (const Error& error) {
        end(error.code(), error.what());
        throw;
    } catch (const std::exception& error) {
        end(ExitCode::failed, error.what());
        throw;
    }
    end(ExitCode::done, {});
}

} // namespace crudctl::commands
