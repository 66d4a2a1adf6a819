#include "commands/doctor/instance_check.hpp"

#include "aws/request/host.hpp"
#include "commands/doctor/fix.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// States in which nobody is let in, beside those that it doesn't leave by itself.
bool is_away(const std::string& status)
{
    constexpr std::array states = {"creating", "rebooting",
                                   "renaming", "resetting-master-credentials",
                                   "starting", "upgrading"};
    return aws::outlook_of(status) != aws::RdsOutlook::runs ||
           std::find(states.begin(), states.end(), status) != states.end();
}

std::string status_fix(const AwsScene& scene, const aws::RdsInstance& found)
{
    if (aws::outlook_of(found.status) == aws::RdsOutlook::fails) {
        return fmt::format("aws rds describe-events --source-type db-instance "
                           "--source-identifier {}",
                           found.id);
    }
    if (scene.settings.instance->origin == from_host_name) {
        return fmt::format("aws rds start-db-instance --db-instance-identifier {} --region {}",
                           found.id, scene.access.region().text);
    }
    const std::string start = option_command_text(scene.target, "rds start");
    return found.status == "stopped" ? start : start + " --wait=15m";
}

/// The profile leads to an endpoint that isn't this instance's; empty where it does.
std::string other_endpoint(const AwsScene& scene, const aws::RdsInstance& found)
{
    const auto place = scene.target.info.places().front();
    const bool is_other_host =
        aws::is_rds_host(place.host) && !equal_ignoring_case(place.host, found.host);
    const bool is_other_port =
        aws::is_rds_host(place.host) && place.port != fmt::format("{}", found.port);
    return found.host.empty() || (!is_other_host && !is_other_port)
               ? std::string()
               : fmt::format("{}:{}", found.host, found.port);
}

/// The text that leads elsewhere may have a port, or not.
std::string endpoint_fix(const AwsScene& scene, const std::string& endpoint)
{
    const auto place = scene.target.info.places().front();
    const std::string with_port = fmt::format("{}:{}", place.host, place.port);
    const std::string text =
        scene.context.settings.environment().value(scene.target.profile.origin).value_or("");
    return setting_fix(
        scene.context, scene.target, fmt::format("the instance is at {}, correct that", endpoint),
        text.find(with_port) != std::string::npos ? with_port : place.host, endpoint);
}

void judge_status(const AwsScene& scene, const aws::RdsInstance& found)
{
    std::string text = fmt::format("{} is {}", found.id, found.status);
    const std::string endpoint = other_endpoint(scene, found);
    if (!endpoint.empty()) {
        text += fmt::format("; it is at {}, and the profile leads elsewhere", endpoint);
    }
    Finding finding{Verdict::passes, text};
    if (is_away(found.status)) {
        finding.verdict = scene.is_reached() ? Verdict::told : Verdict::fails;
        finding.fix = status_fix(scene, found);
    } else if (!endpoint.empty()) {
        finding.verdict = scene.is_reached() ? Verdict::told : Verdict::fails;
        finding.fix = endpoint_fix(scene, endpoint);
    }
    scene.diagnosis.add(DoctorStep::instance, finding);
    const Finding* dns = scene.diagnosis.find(DoctorStep::dns);
    if (!endpoint.empty() && dns != nullptr && dns->verdict == Verdict::fails) {
        scene.diagnosis.set_fix(DoctorStep::dns, finding.fix);
    }
}

void judge_publicity(const AwsScene& scene, const aws::RdsInstance& found)
{
    if (found.is_public) {
        scene.diagnosis.add(DoctorStep::is_public,
                            {Verdict::passes, "the instance is publicly accessible"});
        return;
    }
    const bool explains = !scene.is_reached() && scene.way.met_silence();
    scene.diagnosis.add(
        DoctorStep::is_public,
        {explains ? Verdict::fails : Verdict::told,
         "the instance is not publicly accessible: it is reached from inside its VPC alone",
         fmt::format(
             "from inside (VPN, tunnel) it can be reached; to open it: aws rds modify-db-instance "
             "--db-instance-identifier {} --publicly-accessible --apply-immediately",
             found.id)});
}

void say_unknown(const AwsScene& scene, const std::string& text)
{
    scene.diagnosis.add(DoctorStep::instance, {Verdict::unknown, text});
    scene.diagnosis.add(DoctorStep::is_public, {Verdict::unknown, "that would tell"});
}

} // namespace

std::string could_not_text(const Error& error)
{
    return fmt::format("could not be asked: {}{}", error.what(),
                       error.hint().empty() ? "" : " (" + error.hint() + ")");
}

std::optional<aws::RdsInstance> look_at_instance(const AwsScene& scene)
{
    if (!scene.settings.instance) {
        say_unknown(scene, fmt::format("not configured: instance under [profiles.{}.aws] names it",
                                       scene.settings.profile_name));
        return std::nullopt;
    }
    try {
        aws::QueryApi rds = scene.access.service("rds", aws::rds_version);
        const std::string& id = scene.settings.instance->text;
        auto found = aws::RdsInstances(rds).find(id);
        if (found) {
            judge_status(scene, *found);
            judge_publicity(scene, *found);
        } else {
            say_unknown(scene,
                        fmt::format("there is no RDS instance \"{}\" in {} (from {}, with "
                                    "the region from {})",
                                    id, scene.access.region().text, scene.settings.instance->origin,
                                    scene.access.region().origin));
        }
        return found;
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        say_unknown(scene, could_not_text(error));
        return std::nullopt;
    }
}

} // namespace crudctl::commands
