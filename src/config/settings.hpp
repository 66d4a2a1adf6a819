#pragma once

#include "config/file/values.hpp"
#include "config/profile/aws_settings.hpp"
#include "config/profile/instance_settings.hpp"
#include "config/profile/lambda_settings.hpp"
#include "config/profile/profile.hpp"
#include "config/project/project.hpp"
#include "config/trust/fence.hpp"
#include "config/trust/trust_request.hpp"
#include "support/process/environment.hpp"
#include "support/process/process.hpp"
#include "support/system/file.hpp"
#include "support/text/secret.hpp"

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
    std::filesystem::path path;
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
    /// only one that does. Throws Error(configuration), for an unknown profile too, and
    /// Error(refused) for one that the fence keeps out; without a file it needn't lead to a
    /// database.
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

    /// The process's own environment: what programs get, and what paths, proxies, endpoints and
    /// permissions are read from. Nothing of .env is in it.
    const Environment& environment() const;
    /// The same with the keys, region and profile of AWS that .env names.
    Environment aws_environment() const;
    /// What the profile's password_command is started with: the real environment, and of .env the
    /// variables that the command itself names.
    Environment password_environment(const std::string& profile_name) const;
    /// With all of .env: for what looks for the names of variables.
    const Environment& environment_with_dotenv() const;
    /// What the real environment allows at all.
    Fence fence() const { return Fence(environment()); }
    /// What the profile's part of the files wants of this machine: see trust_requests().
    std::vector<TrustRequest> trust_requests(const std::string& profile_name) const;
    /// Of these what the services that tell this machine's address are sent.
    std::vector<TrustRequest> address_trust_requests(const std::string& profile_name) const;
    /// The same of [server], for a server of the project's own.
    std::vector<TrustRequest> server_trust_requests() const;
    /// Of the project's programs that make schema and seeds.
    std::vector<TrustRequest> program_trust_requests() const;
    const std::optional<ConfigFile>& config_file() const;

private:
    std::shared_ptr<Parts> m_parts;
};

/// Finds, reads and checks the configuration file and .env. Throws Error(configuration).
Settings load_settings(const Sources& sources);

} // namespace crudctl::config
