#pragma once

#include "config/file/values.hpp"
#include "pg/conn_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

enum class MasterPassword {
    managed, // AWS makes it, and keeps it in its Secrets Manager
    command, // what password_command prints
    ask,
};

/// What an RDS instance is to be like that is still to be made.
struct InstanceSettings {
    std::string instance_class;
    int storage = 0;          // GiB
    std::string version;      // of Postgres; empty: what RDS takes
    std::optional<Text> zone; // nothing: any
    std::string master_user;  // else whom the profile logs in as, else "postgres"
    MasterPassword password = MasterPassword::managed;
    std::vector<std::string> password_command;
    std::string database; // that is made with it; empty: none
    int backup_days = 0;
    bool is_encrypted = true;
    bool is_public = false;
    bool is_protected = true; // against deletion
    bool has_iam = false;     // the profile logs in by it
};

/// By the profile of this name, whether or not it leads anywhere yet. Throws Error(configuration)
/// for a variable that is not set.
InstanceSettings make_instance_settings(const std::string& profile_name, const Values& values,
                                        const Sources& sources);

/// The profile's URL as far as it can be read: who connects is told where it is wrong.
pg::ConnInfo readable_url(const std::string& profile_name, const Values& values);

} // namespace crudctl::config
