#pragma once

#include "config/file/values.hpp"
#include "config/profile/profile.hpp"

#include <optional>
#include <string>

namespace crudctl::config {

/// What a profile says about AWS; what is empty is left to the AWS tools' own settings.
struct AwsSettings {
    std::string profile_name; // ours
    bool name_from_command_line = false;
    Protection protection; // by the file and the name alone
    std::optional<Text> aws_profile;
    std::optional<Text> region;
    std::optional<Text> security_group; // else $DB_SG_ID
    std::optional<Text> rule;           // else $DB_SG_RULE_ID
    std::optional<Text> rule_description;
    std::optional<Text> rule_ttl;
    std::optional<Text> address_services;
    std::optional<Text> instance;
    std::optional<Text> endpoint; // the instance's own, where the profile goes by another way
    int port = 5432;              // that the profile connects to, as far as it says one
};

/// The settings of the profile with this name; the profile itself may be missing. Throws
/// Error(configuration) for a variable that is not set.
AwsSettings make_aws_settings(const std::string& profile_name, const Values& values,
                              const Sources& sources);

/// The profile to use where nobody named one and `chosen` is the default: the only other one that
/// has AWS settings, if `chosen` has none. Throws Error(configuration) where there are several.
std::string default_aws_profile(const std::string& chosen, const Values& values);

} // namespace crudctl::config
