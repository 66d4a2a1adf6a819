#include "commands/doctor_aws.hpp"

#include "aws/rds_host.hpp"
#include "commands/doctor_instance.hpp"
#include "commands/doctor_rule.hpp"
#include "config/host_kind.hpp"
#include "support/interrupt.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

/// Only a variable of the script's says so, which may be meant for another profile.
bool is_of_the_profile(const std::optional<config::Text>& setting)
{
    return setting && setting->place != "DB_SG_ID" && setting->place != "DB_SG_RULE_ID";
}

/// An endpoint's name has what the settings may lack.
void complete(config::AwsSettings& settings, const std::string& host)
{
    const auto known = aws::parse_rds_host(host);
    if (!known) {
        return;
    }
    const auto from_host = [](const std::string& text) {
        return config::Text{text, from_host_name, from_host_name};
    };
    if (!settings.instance) {
        settings.instance = from_host(known->instance);
        settings.region = settings.region ? settings.region : from_host(known->region);
    }
}

/// Nothing where the target has to do with no AWS. Throws Error(configuration).
std::optional<config::AwsSettings> settings_of(const Context& context, const Target& target)
{
    config::AwsSettings settings = context.settings.aws(target.profile.name);
    const std::string host =
        settings.endpoint ? settings.endpoint->text.substr(0, settings.endpoint->text.find(':'))
                          : target.info.host();
    complete(settings, host);
    const bool names_group = is_of_the_profile(settings.security_group) ||
                             is_of_the_profile(settings.rule) ||
                             (settings.security_group && config::is_public_host(host));
    return settings.instance || names_group ? std::optional(std::move(settings)) : std::nullopt;
}

/// None of it can be asked, for one reason.
void give_up(const Error& error, Diagnosis& diagnosis)
{
    constexpr std::array steps = {DoctorStep::instance, DoctorStep::is_public, DoctorStep::rule};
    for (const DoctorStep step : steps) {
        if (diagnosis.find(step) == nullptr) {
            diagnosis.add(step, {Verdict::unknown, could_not_text(error)});
        }
    }
}

/// Nobody answers: where AWS lets this machine in, what is left is nearer; where it could not be
/// asked, that comes first.
void judge_silence(const Target& target, const WayIn& way, Diagnosis& diagnosis)
{
    const Finding* rule = diagnosis.find(DoctorStep::rule);
    if (!way.met_silence() || rule == nullptr) {
        return;
    }
    if (rule->verdict == Verdict::unknown) {
        diagnosis.set_fix(DoctorStep::tcp,
                          "let AWS be asked (the lines above say what is missing), "
                          "then " +
                              command_text(target, "doctor"));
    } else if (rule->verdict == Verdict::passes) {
        diagnosis.set_fix(DoctorStep::tcp,
                          fmt::format("let this machine's own network out to port {}, or give the "
                                      "instance's subnet a route to the internet",
                                      target.info.places().front().port));
    }
}

} // namespace

void look_at_aws(Context& context, const Target& target, const WayIn& way, Diagnosis& diagnosis)
{
    if (target.is_own_server) {
        return;
    }
    try {
        const auto settings = settings_of(context, target);
        if (!settings) {
            return;
        }
        AwsAccess access(context, *settings);
        const AwsScene scene{context, target, *settings, access, way, diagnosis};
        const auto instance = look_at_instance(scene);
        look_at_rules(scene, instance);
    } catch (const Error& error) {
        interrupt::throw_if_pending();
        give_up(error, diagnosis);
    }
    judge_silence(target, way, diagnosis);
}

} // namespace crudctl::commands
