#include "config/settings.hpp"

#include "config/file/setting_table.hpp"
#include "config/listing.hpp"
#include "config/profile/connection_defaults.hpp"
#include "config/profile/password.hpp"
#include "config/project/discovery.hpp"
#include "support/error.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace crudctl::config {

struct Settings::Parts {
    Sources sources;
    Location location;
    Values values;
    std::optional<ConfigFile> config_file;
    std::vector<std::string> notes;
    std::vector<std::string> warnings;
    std::optional<Project> project; // once it was asked for
    std::optional<ServerSettings> server;
};

namespace {

constexpr std::size_t largest_dotenv = std::size_t{1} << 20U;

/// An empty name is a script's unset variable, and must not fall back to a default.
void refuse_empty(const std::optional<std::string>& name, const char* flag)
{
    if (name && name->empty()) {
        throw Error(ExitCode::usage, fmt::format("{} is empty", flag));
    }
}

uid_t owner_of(const fs::path& path)
{
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 ? facts.st_uid : 0;
}

std::string readable_warning(const std::string& shown)
{
    return fmt::format("\"{}\" holds a password and others may read it; chmod 600 \"{}\" helps",
                       shown, shown);
}

/// The project's .env. One that cannot be used is warned about: it may be another tool's.
Dotenv read_dotenv(const fs::path& root, const Environment& environment,
                   std::vector<std::string>& warnings)
{
    const fs::path path = root / ".env";
    std::error_code ignored;
    if (!fs::exists(path, ignored) || fs::is_directory(path, ignored)) {
        return {};
    }
    std::optional<FileContent> content;
    try {
        content = read_file(path, largest_dotenv);
    } catch (const Error& error) {
        warnings.push_back(fmt::format(".env is ignored: {}", error.what()));
        return {};
    }
    if (!is_trusted_owner(content->facts.owner, ::geteuid(), environment)) {
        warnings.push_back(fmt::format(".env is ignored: it belongs to another user (user id {})",
                                       content->facts.owner));
        return {};
    }
    Dotenv dotenv = parse_dotenv(content->text, ".env");
    for (const std::size_t line : dotenv.ignored_lines) {
        warnings.push_back(fmt::format(".env:{} is ignored: it is not NAME=VALUE", line));
    }
    if (content->facts.others_may_read() && holds_password(dotenv)) {
        warnings.push_back(readable_warning(".env"));
    }
    return dotenv;
}

std::vector<std::string> notes_on(const Environment& environment)
{
    const std::vector<std::string> ignored = ignored_variables(environment);
    if (ignored.empty()) {
        return {};
    }
    return {fmt::format("ignored, since the profile says where to connect: {}",
                        fmt::join(ignored, ", "))};
}

} // namespace

Settings::Settings(Parts parts) : m_parts(std::make_shared<Parts>(std::move(parts))) {}

const Project& Settings::project() const
{
    if (!m_parts->project) {
        m_parts->project = make_project(m_parts->values, m_parts->location);
    }
    return *m_parts->project;
}

const fs::path& Settings::root() const
{
    return m_parts->location.root;
}

const ServerSettings& Settings::server() const
{
    if (!m_parts->server) {
        m_parts->server = make_server_settings(m_parts->values, m_parts->location.root);
    }
    return *m_parts->server;
}

std::vector<std::string> Settings::profile_names() const
{
    return m_parts->values.profile_names();
}

std::string Settings::chosen_profile() const
{
    return chosen_profile_name(m_parts->sources, m_parts->values.variables()).text;
}

Profile Settings::profile() const
{
    return profile(chosen_profile());
}

Profile Settings::profile(const std::string& name) const
{
    return build_profile(name, m_parts->values, m_parts->sources, root());
}

AwsSettings Settings::aws() const
{
    const Values& values = m_parts->values;
    const Text chosen = chosen_profile_name(m_parts->sources, values.variables());
    const std::string name =
        chosen.origin == "default" ? default_aws_profile(chosen.text, values) : chosen.text;
    fence().require(name);
    const bool may_be_missing = !m_parts->location.file && (name == "local" || name == "prod");
    if (values.entry("profiles." + name) == nullptr && !may_be_missing) {
        profile(name); // says what there is instead
    }
    return aws(name);
}

AwsSettings Settings::aws(const std::string& profile_name) const
{
    return make_aws_settings(profile_name, m_parts->values, m_parts->sources);
}

InstanceSettings Settings::new_instance(const std::string& profile_name) const
{
    return make_instance_settings(profile_name, m_parts->values, m_parts->sources);
}

std::vector<LambdaTrigger> Settings::lambda() const
{
    return make_lambda_settings(m_parts->values);
}

std::vector<SettingLine> Settings::lines() const
{
    return list_settings(m_parts->values, m_parts->sources, m_parts->location);
}

const std::vector<std::string>& Settings::notes() const
{
    return m_parts->notes;
}

const std::vector<std::string>& Settings::warnings() const
{
    return m_parts->warnings;
}

std::vector<Secret> Settings::secrets() const
{
    return known_secrets(m_parts->values);
}

const Environment& Settings::environment() const
{
    return m_parts->values.variables().real();
}

Environment Settings::aws_environment() const
{
    return m_parts->values.variables().for_aws();
}

Environment Settings::password_environment(const std::string& profile_name) const
{
    Environment environment = m_parts->values.variables().real();
    const Entry* command =
        m_parts->values.entry(fmt::format("profiles.{}.password_command", profile_name));
    for (const Value& word : command == nullptr ? std::vector<Value>() : command->value.items) {
        for (const std::string& name : variable_names(word.text)) {
            if (const auto variable = m_parts->values.variables().find(name)) {
                environment.set(name, variable->value);
            }
        }
    }
    return environment;
}

const Environment& Settings::environment_with_dotenv() const
{
    return m_parts->values.variables().with_dotenv();
}

std::vector<TrustRequest> Settings::trust_requests(const std::string& profile_name) const
{
    return config::trust_requests(profile_name, m_parts->values, root());
}

std::vector<TrustRequest> Settings::address_trust_requests(const std::string& profile_name) const
{
    return config::address_trust_requests(profile_name, m_parts->values);
}

std::vector<TrustRequest> Settings::server_trust_requests() const
{
    return config::server_trust_requests(m_parts->values, root());
}

std::vector<TrustRequest> Settings::program_trust_requests() const
{
    return config::program_trust_requests(m_parts->values, root());
}

const std::optional<ConfigFile>& Settings::config_file() const
{
    return m_parts->config_file;
}

Settings load_settings(const Sources& sources)
{
    refuse_empty(sources.profile, "--profile");
    refuse_empty(sources.database, "--database");
    Location location =
        locate_project(sources.config_file, sources.working_directory, sources.environment);
    std::vector<std::string> warnings;
    Variables variables(sources.environment,
                        read_dotenv(location.root, sources.environment, warnings));

    TomlFile file = location.file ? read_toml_file(*location.file, location.shown)
                                  : settings_without_file(variables);
    check_against_table(file);
    std::optional<ConfigFile> config_file;
    if (location.file) {
        config_file = ConfigFile{location.shown, file.facts, *location.file,
                                 owner_of(location.file->parent_path())};
        if (file.facts.others_may_read() && holds_password(file)) {
            warnings.push_back(readable_warning(location.shown));
        }
    }
    std::vector<std::string> notes = notes_on(variables.with_dotenv());
    return Settings({sources,
                     std::move(location),
                     Values(std::move(file), std::move(variables)),
                     std::move(config_file),
                     std::move(notes),
                     std::move(warnings),
                     {},
                     {}});
}

} // namespace crudctl::config
