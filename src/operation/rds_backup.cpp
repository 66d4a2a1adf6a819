#include "operation/rds_backup.hpp"

#include "aws/rds/rds.hpp"
#include "operation/aws_access.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <string>

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace crudctl::commands {

namespace {

constexpr std::chrono::hours longest_snapshot{2};
constexpr const char* cloudwatch_version = "2010-08-01";

/// Where the profile leads to in the end, whichever way it goes.
std::string host_of(const Target& target, const config::AwsSettings& settings)
{
    const std::string host =
        settings.endpoint ? settings.endpoint->text.substr(0, settings.endpoint->text.find(':'))
                          : target.info.host();
    return lower_ascii(host);
}

std::string age_text(const std::string& created, std::chrono::system_clock::time_point now)
{
    const auto time = parse_utc(created);
    if (!time) {
        return created;
    }
    const auto hours = std::chrono::floor<std::chrono::hours>(now - *time).count();
    return fmt::format(
        "{}, {} ago", local_time_text(created),
        hours < 48
            ? counted(static_cast<std::size_t>(std::max<std::chrono::hours::rep>(hours, 0)), "hour")
            : counted(static_cast<std::size_t>(hours / 24), "day"));
}

/// Asks in haste, one question after the other; what throws is told by the caller.
class Backups {
public:
    Backups(Context& context, const Target& target, const config::AwsSettings& settings)
        : m_target(target),
          m_settings(settings),
          m_access(context, settings, AwsAccess::Haste::yes),
          m_rds(m_access.service("rds", aws::rds_version))
    {}

    void add_to(std::vector<plan::Fact>& facts, const std::optional<std::size_t>& database_size)
    {
        const std::string& id = m_settings.instance->text;
        aws::RdsInstances instances(m_rds);
        const auto instance = instances.find(id);
        if (!instance) {
            facts.push_back({"instance", fmt::format("there is no RDS instance \"{}\" in {}", id,
                                                     m_access.region().text)});
            return;
        }
        facts.push_back({"instance", id + (leads_to(m_target, m_settings, *instance)
                                               ? ", " + instance->status
                                               : ", which is NOT known to be this server: its "
                                                 "endpoint is " +
                                                     instance->host)});
        facts.push_back(
            {"backups",
             instance->backup_days == 0
                 ? std::string("NO automated ones are made")
                 : fmt::format("automated ones of the last {}",
                               counted(static_cast<std::size_t>(instance->backup_days), "day"))});
        const auto newest = instances.newest_snapshot(id);
        facts.push_back(
            {"snapshot",
             newest ? fmt::format("the newest is of {}: {}",
                                  age_text(newest->created, m_access.pacing().now()), newest->id)
                    : "there is NONE; --rds-snapshot takes one first"});
        facts.push_back({"storage", storage_text(*instance, database_size)});
    }

private:
    std::string storage_text(const aws::RdsInstance& instance,
                             const std::optional<std::size_t>& database_size)
    {
        const auto room = room_of(instance.id);
        std::string text =
            room ? fmt::format("{} free of {} GiB", size_text(*room), instance.storage)
                 : fmt::format("{} GiB; how much of it is free could not be asked",
                               instance.storage);
        if (database_size) {
            text += fmt::format("; a second copy takes {}{}", size_text(*database_size),
                                room && *room < *database_size ? ", which does NOT fit" : "");
        }
        return text;
    }

    std::optional<std::size_t> room_of(const std::string& id)
    {
        try {
            auto monitoring = m_access.service("monitoring", cloudwatch_version);
            return aws::free_storage(monitoring, id, m_access.pacing().now());
        } catch (const Error& error) {
            if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
                throw;
            }
            return std::nullopt;
        }
    }

    const Target& m_target;
    const config::AwsSettings& m_settings;
    AwsAccess m_access;
    aws::QueryApi m_rds;
};

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {})
{
    throw Error(ExitCode::refused, message + "; nothing was changed", hint);
}

void require_this_server(const Target& target, const config::AwsSettings& settings,
                         const std::optional<aws::RdsInstance>& found)
{
    const std::string& id = settings.instance->text;
    if (!found) {
        refuse(fmt::format("there is no RDS instance \"{}\" to take a snapshot of", printable(id)),
               "check aws.instance and the region, and whose key it is");
    }
    if (!leads_to(target, settings, *found)) {
        refuse(fmt::format("a snapshot of \"{}\" may be of another server: its endpoint is \"{}\", "
                           "and the profile leads to \"{}\"",
                           id, printable(found->host), printable(host_of(target, settings))),
               "where that is a tunnel or an alias, name the instance's own in aws.endpoint");
    }
}

void wait_for_snapshot(Context& context, const aws::Pacing& pacing, aws::RdsInstances& instances,
                       const std::string& name)
{
    const auto look = [&](std::string& state) {
        const auto found = instances.find_snapshot(name);
        const std::string status = found ? found->status : "not there yet";
        state = status == "creating" ? fmt::format("snapshot creating, {} %", found->percent)
                                     : "snapshot " + status;
        if (found && status != "creating" && status != "available") {
            throw Error(ExitCode::external, fmt::format("\"{}\" is {}", name, printable(status)));
        }
        return status == "available";
    };
    if (!wait_through_states(context, pacing, longest_snapshot, look)) {
        throw Error(ExitCode::busy, fmt::format("\"{}\" is not there after {} hours", name,
                                                longest_snapshot.count()));
    }
}

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds shortest_pause = 1s;
constexpr std::chrono::milliseconds longest_pause = 15s;

} // namespace

bool leads_to(const Target& target, const config::AwsSettings& settings,
              const aws::RdsInstance& instance)
{
    return host_of(target, settings) == lower_ascii(instance.host);
}

std::vector<plan::Fact> backup_facts(Context& context, const Target& target,
                                     const std::optional<std::size_t>& database_size)
{
    std::vector<plan::Fact> facts;
    try {
        const config::AwsSettings settings = context.settings.aws(target.profile.name);
        if (settings.instance && !target.is_own_server) {
            context.console.transient("asking RDS for backups …");
            Backups(context, target, settings).add_to(facts, database_size);
        }
    } catch (const Error& error) {
        if (error.code() == ExitCode::interrupted || error.code() == ExitCode::terminated) {
            throw;
        }
        facts.push_back({"backups", fmt::format("could not be asked: {}", error.what())});
    }
    context.console.transient("");
    return facts;
}

void declare_snapshot_option(CLI::App& command, bool& takes_snapshot)
{
    command.add_flag("--rds-snapshot", takes_snapshot,
                     "take a snapshot of the RDS instance first, and wait for it");
}

void snapshot_first(plan::Plan& plan, const Context& context, const Target& target)
{
    const config::AwsSettings settings = context.settings.aws(target.profile.name);
    if (!settings.instance || target.is_own_server) {
        throw Error(ExitCode::configuration,
                    fmt::format("--rds-snapshot: profile \"{}\" names no RDS instance",
                                target.profile.name),
                    fmt::format("set instance under [profiles.{}.aws]", target.profile.name));
    }
    plan.steps.insert(plan.steps.begin(),
                      plan::ServiceCall{fmt::format("take a snapshot of RDS instance \"{}\", and "
                                                    "wait until it is there",
                                                    settings.instance->text)});
}

void take_snapshot(Context& context, const Target& target)
{
    const config::AwsSettings settings = context.settings.aws(target.profile.name);
    const std::string& id = settings.instance->text;
    try {
        AwsAccess access(context, settings);
        aws::QueryApi rds = access.service("rds", aws::rds_version);
        aws::RdsInstances instances(rds);
        require_this_server(target, settings, instances.find(id));
        const std::string name = aws::snapshot_name(id, "crudctl", access.pacing().now());
        if (!instances.take_snapshot(id, name)) {
            refuse(fmt::format("RDS takes no snapshot of \"{}\" in its state", id),
                   "crudctl rds status shows it");
        }
        context.console.note(fmt::format("  rds      taking snapshot {}", name));
        wait_for_snapshot(context, access.pacing(), instances, name);
    } catch (const Error& error) {
        if (error.code() != ExitCode::external && error.code() != ExitCode::busy) {
            throw;
        }
        throw Error(error.code(),
                    fmt::format("no snapshot of \"{}\": {}; nothing was changed", id, error.what()),
                    error.hint());
    }
}

bool wait_through_states(Context& context, const aws::Pacing& pacing, std::chrono::seconds timeout,
                         const std::function<bool(std::string& state)>& look)
{
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    std::string last;
    for (auto pause = shortest_pause;; pause = std::min(2 * pause, longest_pause)) {
        std::string state;
        const bool is_over = look(state);
        if (state != last) {
            context.console.note(fmt::format("  rds      {}, {}", printable(state),
                                             duration_text(context.elapsed().count())));
            last = state;
        }
        if (is_over || std::chrono::steady_clock::now() + pause > deadline) {
            return is_over;
        }
        pacing.sleep(pause);
    }
}

} // namespace crudctl::commands
