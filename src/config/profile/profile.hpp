#pragma once

#include "config/file/values.hpp"
#include "pg/conn_info.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

enum class SeedPolicy { ask, never, always };

/// What is given to the server as password: one that was given to us, or a token that IAM's
/// credentials make.
enum class Auth { password, rds_iam };

/// Whether destructive commands want the guard, from the file and the profile's name alone: what
/// the live server says is judged where it is asked.
struct Protection {
    bool is_protected = false;
    std::string reason; // "it is named \"prod\"", "crudctl.toml:20"; empty where it isn't
    bool is_declared_false = false;
    std::string warning; // where `protected = false` does nothing
};

/// Where a command goes, and how.
struct Profile {
    std::string name;
    bool name_from_command_line = false; // not from $CRUDCTL_PROFILE or the default
    /// Everything that is known before connecting but the password_command's answer and
    /// application_name. Without a target: the database's name and the time-outs only.
    pg::ConnInfo conn_info;
    pg::ConnInfo declared;   // the same without what crudctl adds: for the application's URL
    bool has_target = false; // false: the project's own server
    std::string origin;      // "CONNECTION_URL", "crudctl.toml:14": where the target comes from
    bool own_server = false;
    Protection protection;
    SeedPolicy seed = SeedPolicy::ask;
    /// Without a terminal the id of a plan will do, where the database's mark allows it, too.
    bool confirms_by_plan = false;
    std::chrono::seconds confirm_within{900}; // how long such an id holds
    std::string maintenance_database;
    std::vector<std::string> password_command;
    Auth auth = Auth::password; // rds_iam: over TLS, and nothing else gives a password
    /// To be told once to whoever uses the profile: no certificate to check, an ignored passfile.
    std::vector<std::string> warnings;
    std::vector<std::string> notes; // the same of what is no reason to worry
};

/// The profile `name` of the file, its variables expanded. Throws Error(configuration) for an
/// unknown name, an unset variable, a URL that cannot be read, a key that contradicts the URL, a
/// keyword that this libpq does not know, a missing database name, a profile without any target,
/// and a token beside another password or without TLS.
Profile build_profile(const std::string& name, const Values& values, const Sources& sources,
                      const std::filesystem::path& root);

/// A word of a profile's name, as it stands there, by which it is taken to lead to production: one
/// of prod, prd, production and live that none of non, not, pre, copy, test and dev stands beside.
/// Words are split at whatever is no letter. Nothing where there is none.
std::optional<std::string> word_for_production(std::string_view name);

/// Of a profile by its name and its `protected`, whether or not it leads anywhere. `prod` and
/// `production` are protected whatever the file says, and a name with a word for production unless
/// it says otherwise.
Protection declared_protection(const std::string& name, const Values& values);

/// The profile that the command line names, else $CRUDCTL_PROFILE, else "local".
Text chosen_profile_name(const Sources& sources, const Variables& variables);

/// A path of the configuration: "~/" is $HOME, anything else relative is below the root.
std::filesystem::path resolved_path(const std::string& text, const std::filesystem::path& root,
                                    const Variables& variables);

} // namespace crudctl::config
