#include "config/profile.hpp"

#include "config/connection_defaults.hpp"
#include "config/target.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::config {

namespace {

[[noreturn]] void refuse_without_file(const std::string& name)
{
    const char* variable = name == "prod" ? "PROD_CONNECTION_URL" : "CONNECTION_URL";
    throw Error(ExitCode::configuration,
                fmt::format("there is no crudctl.toml here, and {} is not set", variable),
                fmt::format("set {}=postgresql://user@host/database, or write a crudctl.toml, by "
                            "`crudctl init` or by hand:\n"
                            "  project.name = \"mydatabase\"\n"
                            "  profiles.{}",
                            variable,
                            name == "prod" ? "prod.url = \"${PROD_CONNECTION_URL}\""
                                           : "local.own_server = true"));
}

[[noreturn]] void refuse_unknown(const std::string& name, const Values& values)
{
    const bool has_file = !values.file().shown.empty();
    if (!has_file && (name == "local" || name == "prod")) {
        refuse_without_file(name);
    }
    const std::vector<std::string> names =
        has_file ? values.profile_names() : std::vector<std::string>{"local", "prod"};
    const auto meant = nearest(name, names);
    std::string hint = meant ? fmt::format("did you mean \"{}\"?", *meant)
                             : fmt::format("the profiles are: {}", fmt::join(names, ", "));
    if (names.empty()) {
        hint = fmt::format("add a table [profiles.{}]", name);
    }
    throw Error(ExitCode::configuration,
                fmt::format("there is no profile \"{}\"{}{}", printable(shortened(name, 64)),
                            has_file ? " in " : " without a crudctl.toml", values.file().shown),
                hint);
}

[[noreturn]] void refuse_no_server(const std::string& name, const Values& values)
{
    const std::string key = "profiles." + name + ".url";
    const std::string place = values.entry(key) == nullptr
                                  ? std::string()
                                  : fmt::format(": its url at {} is empty", values.origin(key));
    throw Error(ExitCode::configuration,
                fmt::format("profile \"{}\" names no server{}", name, place),
                fmt::format("give [profiles.{}] a url or a host, or own_server = true", name));
}

[[noreturn]] void refuse_no_database(const std::string& name)
{
    throw Error(ExitCode::configuration, fmt::format("profile \"{}\" names no database", name),
                "add it to the URL, set name under [project], or use --database NAME");
}

SeedPolicy seed_policy(const std::string& prefix, const Values& values, bool is_protected)
{
    const auto declared = values.text(prefix + "seed");
    if (!declared) {
        return is_protected ? SeedPolicy::ask : SeedPolicy::always;
    }
    if (declared->text == "ask") {
        return SeedPolicy::ask;
    }
    return declared->text == "never" ? SeedPolicy::never : SeedPolicy::always;
}

/// Of the command line (for the chosen profile), else the target's own, else the project's.
pg::ConnInfo with_database(const pg::ConnInfo& info, const Profile& profile, const Values& values,
                           const Sources& sources)
{
    const bool is_chosen = chosen_profile_name(sources, values.variables()).text == profile.name;
    if (sources.database && is_chosen) {
        return info.with_database(*sources.database);
    }
    if (!info.database().empty()) {
        return info;
    }
    const auto name = values.text("project.name");
    if (!name) {
        refuse_no_database(profile.name);
    }
    return info.with_database(name->text);
}

Auth auth_of(const std::string& prefix, const Values& values)
{
    const auto declared = values.text(prefix + "auth");
    return declared && declared->text == "rds-iam" ? Auth::rds_iam : Auth::password;
}

/// A token goes to the server as it is: whoever could read it could log in, too.
void require_fit_for_tokens(const Profile& profile)
{
    const std::string mode = profile.conn_info.value("sslmode").value_or("");
    if (mode == "disable" || mode == "allow" || mode == "prefer") {
        throw Error(ExitCode::configuration,
                    fmt::format("profile \"{}\" has auth = \"rds-iam\", which wants TLS, and "
                                "sslmode={}",
                                profile.name, mode),
                    "sslmode=verify-full checks that it is the server, too");
    }
    if (!profile.password_command.empty() || !profile.conn_info.password().empty()) {
        throw Error(
            ExitCode::configuration,
            fmt::format("profile \"{}\" has auth = \"rds-iam\" and a password", profile.name),
            "the token stands for the password: leave the other one out");
    }
}

bool has_password(const Profile& profile, const pg::ConnInfo& info, const Variables& variables)
{
    return profile.auth == Auth::rds_iam || !profile.password_command.empty() ||
           !info.password().empty() || variables.find("PGPASSWORD").has_value();
}

pg::ConnInfo with_defaults(const pg::ConnInfo& info, Profile& profile, const Target& target,
                           const Variables& variables, const Sources& sources)
{
    pg::ConnInfo result = info;
    if (sources.connect_timeout) {
        result = result.with("connect_timeout", fmt::format("{}", *sources.connect_timeout));
    }
    result = with_common_defaults(result, variables);
    if (profile.has_target && !target.has_open_service) {
        result = with_tls_default(result, variables, profile.warnings);
    }
    if (profile.has_target && profile.auth == Auth::rds_iam && !info.value("sslmode")) {
        result = with_encryption(result);
    }
    if (profile.has_target && !has_password(profile, result, variables)) {
        result = without_unsafe_passfile(result, variables, profile.warnings);
    }
    return result;
}

} // namespace

Protection declared_protection(const std::string& name, const Values& values)
{
    const std::string key = "profiles." + name + ".protected";
    const auto declared = values.flag(key);
    Protection protection;
    protection.is_declared_false = declared.has_value() && !*declared;
    if (declared.value_or(false)) {
        protection.reason = values.origin(key);
    } else if (equal_ignoring_case(name, "prod") || equal_ignoring_case(name, "production")) {
        protection.reason = fmt::format("it is named \"{}\"", name);
    }
    protection.is_protected = !protection.reason.empty();
    return protection;
}

Text chosen_profile_name(const Sources& sources, const Variables& variables)
{
    if (sources.profile) {
        return {*sources.profile, "command line", "--profile"};
    }
    if (const auto variable = variables.find("CRUDCTL_PROFILE")) {
        return {variable->value, variable->origin, variable->origin};
    }
    return {"local", "default", "default"};
}

std::filesystem::path resolved_path(const std::string& text, const std::filesystem::path& root,
                                    const Variables& variables)
{
    const auto home = variables.merged().value("HOME");
    if (text.starts_with("~/") && home) {
        return (std::filesystem::path(*home) / text.substr(2)).lexically_normal();
    }
    return (root / text).lexically_normal();
}

Profile build_profile(const std::string& name, const Values& values, const Sources& sources,
                      const std::filesystem::path& root)
{
    const std::string prefix = "profiles." + name + ".";
    if (values.entry("profiles." + name) == nullptr) {
        refuse_unknown(name, values);
    }
    const Target target = read_target(prefix, values, root);

    Profile profile;
    profile.name = name;
    profile.name_from_command_line = sources.profile == name;
    profile.own_server = values.flag(prefix + "own_server").value_or(false);
    profile.has_target = target.names_server || (target.has_keys && !profile.own_server);
    if (!profile.has_target && !profile.own_server) {
        refuse_no_server(name, values);
    }
    profile.origin = profile.has_target ? target.origin : values.origin(prefix + "own_server");
    profile.protection = declared_protection(name, values);
    profile.seed = seed_policy(prefix, values, profile.protection.is_protected);
    const auto maintenance = values.text(prefix + "maintenance_database");
    profile.maintenance_database = maintenance ? maintenance->text : "postgres";
    profile.password_command =
        values.list(prefix + "password_command").value_or(std::vector<std::string>());
    profile.auth = auth_of(prefix, values);
    profile.conn_info = with_defaults(with_database(target.conn_info, profile, values, sources),
                                      profile, target, values.variables(), sources);
    if (profile.has_target && profile.auth == Auth::rds_iam) {
        require_fit_for_tokens(profile);
    }
    return profile;
}

} // namespace crudctl::config
