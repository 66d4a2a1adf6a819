#pragma once

#include "aws/rds/rds.hpp"
#include "commands/doctor/network_checks.hpp"
#include "operation/aws_access.hpp"

#include <optional>
#include <string>

namespace crudctl::commands {

/// The origin of what an endpoint's name says in the settings' place: no other command knows it.
inline constexpr const char* from_host_name = "the host's name";

/// What the questions to AWS work with.
struct AwsScene {
    Context& context;
    const Target& target;
    const config::AwsSettings& settings;
    AwsAccess& access;
    const WayIn& way;
    Diagnosis& diagnosis;

    /// The way in led to a server: what AWS says explains nothing then.
    bool is_reached() const { return diagnosis.passes(DoctorStep::tcp); }
};

/// "could not be asked: no AWS region is set (set aws.region …)"
std::string could_not_text(const Error& error);

/// Whether it runs, and whether the internet may see it. Nothing where it could not be asked.
/// Throws only for a signal.
std::optional<aws::RdsInstance> look_at_instance(const AwsScene& scene);

} // namespace crudctl::commands
