#include "commands/rds/instance.hpp"

#include "operation/carry_out.hpp"
#include "operation/rds_backup.hpp"
#include "operation/report.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

[[noreturn]] void refuse_removal(const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

void require_deletable(const aws::RdsInstance& found, FinalSnapshot final_snapshot)
{
    if (found.is_protected) {
        refuse_removal(
            fmt::format("\"{}\" is protected against deletion", found.id),
            "who is to decide that switches it off first, in the RDS console or by aws rds "
            "modify-db-instance --no-deletion-protection");
    }
    if (final_snapshot == FinalSnapshot::taken &&
        aws::outlook_of(found.status) == aws::RdsOutlook::fails) {
        refuse_removal(
            fmt::format("\"{}\" is {}: RDS takes no final snapshot of it", found.id,
                        printable(found.status)),
            "its older snapshots and automated backups may be whole: look at them first");
    }
}

std::string likeness(const aws::RdsInstance& found)
{
    return fmt::format("RDS instance \"{}\" ({}, {}, {} GiB) with every database on it", found.id,
                       found.engine, found.instance_class, found.storage);
}

std::string restoring(const std::string& snapshot)
{
    return fmt::format("aws rds restore-db-instance-from-db-snapshot --db-snapshot-identifier {} "
                       "makes a new instance of it",
                       snapshot);
}

} // namespace

void InstanceCommand::remove(FinalSnapshot final_snapshot)
{
    const auto found = m_instances.find(m_id);
    if (!found) {
        m_context.console.note(fmt::format("there is no RDS instance \"{}\" in {}: nothing to do",
                                           printable(m_id), m_access.region().text));
        return print_removed({});
    }
    if (found->status == "deleting") {
        m_context.console.note(fmt::format("{} is being deleted already: nothing to do", m_id));
        return print_removed({});
    }
    require_deletable(*found, final_snapshot);
    const std::string snapshot = final_snapshot == FinalSnapshot::taken
                                     ? aws::snapshot_name(m_id, "final", m_access.pacing().now())
                                     : std::string();
    const auto act = [&] {
        if (!m_instances.remove(m_id, snapshot)) {
            const auto now = m_instances.find(m_id);
            if (now && now->status != "deleting") { // else the answer to a first try was lost
                refuse_now(*now, "that does not allow it");
            }
        }
    };
    if (carry_out(m_context, removal_plan(*found, snapshot),
                  removal_circumstances(*found, snapshot), act)) {
        m_context.console.note(fmt::format("{}: told to delete itself", m_id));
        print_removed(snapshot);
    }
}

plan::Plan InstanceCommand::removal_plan(const aws::RdsInstance& found,
                                         const std::string& snapshot) const
{
    plan::Plan plan = plan_of("delete", plan::Effect::past_undo);
    plan.oid = found.resource;
    plan.losses = {likeness(found),
                   found.backup_days == 0
                       ? std::string("it has no automated backups")
                       : fmt::format("its automated backups of the last {}",
                                     counted(static_cast<std::size_t>(found.backup_days), "day"))};
    plan.is_protected =
        m_settings.protection.is_protected || !m_settings.protection.is_declared_false;
    if (!snapshot.empty()) {
        plan.steps.emplace_back(
            plan::ServiceCall{fmt::format("take a final snapshot of RDS instance \"{}\"", m_id)});
    }
    plan.steps.emplace_back(
        plan::ServiceCall{fmt::format("delete RDS instance \"{}\"{}", m_id,
                                      snapshot.empty() ? ", WITHOUT a final snapshot" : "")});
    return plan;
}

plan::Circumstances InstanceCommand::removal_circumstances(const aws::RdsInstance& found,
                                                           const std::string& snapshot)
{
    const auto newest = m_instances.newest_snapshot(m_id);
    plan::Circumstances result = circumstances({
        {"state", fmt::format("{}, made {}", found.status, local_time_text(found.created))},
        {"endpoint", found.host.empty() ? "" : fmt::format("{}:{}", found.host, found.port)},
        {"ends", "every session on the instance, of every database"},
        {"stays", snapshot.empty() ? "NO final snapshot is taken"
                                   : fmt::format("a final snapshot, {}", snapshot)},
        {"newest",
         newest ? fmt::format("snapshot {} of {}", newest->id, local_time_text(newest->created))
                : "there is no other snapshot"},
    });
    // Each has the roles of a managed service, which protect a database, too.
    if (!result.protection && !m_settings.protection.is_declared_false) {
        result.protection = "it is an RDS instance";
    }
    if (!m_context.options.dry_run) {
        look_into(found, result);
    }
    return result;
}

void InstanceCommand::look_into(const aws::RdsInstance& found, plan::Circumstances& result)
{
    try {
        if (found.status != "available") {
            throw Error(ExitCode::connection, fmt::format("the instance is {}", found.status));
        }
        if (m_context.settings.chosen_profile() != m_settings.profile_name) {
            throw Error(ExitCode::connection, "no profile was named");
        }
        const Target target = find_target(m_context);
        if (!leads_to(target, m_settings, found)) {
            throw Error(ExitCode::connection,
                        fmt::format("the profile leads to \"{}\"", target.info.host()));
        }
        Connector connector(m_context, target);
        const auto connection = connector.connect_to_maintenance();
        const database::Survey survey = database::take_survey(*connection, target.info.database());
        const plan::Circumstances live = circumstances_of(m_context, target, survey);
        result.freeze = live.freeze;
        result.is_marked_prod = live.is_marked_prod;
        result.is_marker_broken = live.is_marker_broken;
        result.same_database = result.same_database ? result.same_database : live.same_database;
        const auto facts = database_facts(connector, survey, live.protection);
        result.facts.insert(result.facts.end(), facts.begin(), facts.end());
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
        result.facts.push_back({"content", fmt::format("NOT looked at: {}", error.what())});
    }
}

void InstanceCommand::print_removed(const std::string& snapshot)
{
    if (m_context.options.wait && !m_context.options.dry_run) {
        wait_until_gone();
    }
    const auto found = m_instances.find(m_id);
    if (!snapshot.empty()) {
        m_context.console.note(fmt::format("final snapshot: {} ({})", snapshot,
                                           found ? "being made" : restoring(snapshot)));
        m_context.console.note("it bills for its storage until it is deleted");
    }
    if (m_context.options.json) {
        const nlohmann::ordered_json document = {{"instance", m_id},
                                                 {"status", found ? found->status : "deleted"},
                                                 {"final_snapshot", snapshot}};
        m_context.console.result(document.dump(2));
    }
}

void InstanceCommand::wait_until_gone()
{
    std::optional<aws::RdsInstance> found;
    const auto look = [&](std::string& state) {
        found = m_instances.find(m_id);
        state = found ? found->status : "deleted";
        return !found;
    };
    if (!wait_through_states(m_context, m_access.pacing(), *m_context.options.wait, look)) {
        refuse_now(*found, "not deleted in the time to wait");
    }
}

} // namespace crudctl::commands
