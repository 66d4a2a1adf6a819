#pragma once

#include "commands/doctor/instance_check.hpp"
#include "commands/doctor/network_checks.hpp"

#include <optional>

namespace crudctl::commands {

/// What AWS knows of the profile's instance and of the rules in front of it, judged by how far the
/// way in led: where the server answers, nothing of it is a failure. Nothing is added where neither
/// the profile nor its host has to do with AWS; what cannot be asked is said so. Throws only for a
/// signal.
void look_at_aws(Context& context, const Target& target, const WayIn& way, Diagnosis& diagnosis);

/// Whether a rule of the instance's security groups lets this machine in; without the instance, of
/// the group that the profile names. Throws only for a signal.
void look_at_rules(const AwsScene& scene, const std::optional<aws::RdsInstance>& instance);

} // namespace crudctl::commands
