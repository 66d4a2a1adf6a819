#pragma once

#include "commands/doctor_instance.hpp"

#include <optional>

namespace crudctl::commands {

/// Whether a rule of the instance's security groups lets this machine in; without the instance, of
/// the group that the profile names. Throws only for a signal.
void look_at_rules(const AwsScene& scene, const std::optional<aws::RdsInstance>& instance);

} // namespace crudctl::commands
