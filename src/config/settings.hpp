#pragma once

#include "config/aws_settings.hpp"
#include "config/instance_settings.hpp"
#include "config/lambda_settings.hpp"
#include "config/profile.hpp"
#include "config/project.hpp"
#include "config/sources.hpp"
#include "support/environment.hpp"
#include "support/file.hpp"
#include "support/process.hpp"
#include "support/secret.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// One line of `crudctl config`.
struct SettingLine {
    std::string key;   // "profiles.prod.url"
    std::string value; // masked; empty when unset
    bool is_set = false;
    std::string origin; // "crudctl.toml:14", "CONNECTION_URL", "default"
};

/// The configuration file as it was read: who may have written it.
struct ConfigFile {
    std::string shown;
    FileFacts facts;
    uid_t folder_owner = 0;
};

/// The settings of one run; immutable, each value expanded when it is first asked for.
class Settings {
public:
    struct Parts;
    explicit Settings(Parts parts);

    /// Throws Error(configuration) where one of its values cannot be expanded; so does server().
    const Project& project() const;
    /// The project's root alone; never throws.
    const std::filesystem::path& root() const;
    const ServerSettings& server() const;

    /// Every profile of the file; without one those whose URL is set.
    std::vector<std::string> profile_names() const;
    std::string chosen_profile() const;
    /// The chosen one, or any by name; throws as build_profile() does.
    Profile profile() const;
    Profile profile(const std::string& name) const;

    /// What the chosen profile says about AWS, or, where nobody named one and it says nothing, the
    /// only one that does. Throws Error(configuration), for an unknown profile too; without a file
    /// it needn't lead to a database.
    AwsSettings aws() const;
    /// What one profile says; it must be there.
    AwsSettings aws(const std::string& profile_name) const;
    /// What an instance is to be like that is made for this profile.
    InstanceSettings new_instance(const std::string& profile_name) const;

    /// What is to be done at which event. Throws Error(configuration) for a variable that is not
    /// set, and where an entry names no query.
    std::vector<LambdaTrigger> lambda() const;

    /// Every setting with its origin; secrets masked, unset variables shown as unset. Never throws.
    std::vector<SettingLine> lines() const;
    /// For people, once a run: which PG* variables are ignored.
    const std::vector<std::string>& notes() const;
    /// A file with a password that others may read, an ignored .env …
    const std::vector<std::string>& warnings() const;
    /// Every password known so far, to be masked in whatever is printed.
    std::vector<Secret> secrets() const;

    /// The process's environment over .env.
    const Environment& environment() const;
    const std::optional<ConfigFile>& config_file() const;

private:
    std::shared_ptr<Parts> m_parts;
};

/// Finds, reads and checks the configuration file and .env. Throws Error(configuration).
Settings load_settings(const Sources& sources);

} // namespace crudctl::config
