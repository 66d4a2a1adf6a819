#include "config/profile/profile.hpp"

#include "config/profile/connection_defaults.hpp"
#include "config/profile/target.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>

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

/// A file, or a statement, stands where a profile's name would.
std::string hint_for_word(const std::string& word)
{
    constexpr std::array<std::string_view, 3> endings = {".sql", ".csv", ".csv.gz"};
    const bool is_file = std::ranges::any_of(
        endings, [&](std::string_view ending) { return word.ends_with(ending); });
    if (is_file) {
        return fmt::format("\"{}\" is a file: crudctl {} -f {}", printable(word),
                           word.ends_with(".sql") ? "schema-load" : "seed", shell_word(word));
    }
    const bool is_statement = word.find(' ') != std::string::npos;
    return is_statement ? fmt::format("for a statement: crudctl sql {}", shell_word(word))
                        : std::string();
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
    std::string hint = !hint_for_word(name).empty() ? hint_for_word(name)
                       : meant                      ? fmt::format("did you mean \"{}\"?", *meant)
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

std::chrono::seconds confirm_within(const std::string& prefix, const Values& values)
{
    constexpr std::chrono::minutes usual{15};
    constexpr std::chrono::hours longest{24};
    const auto declared = values.text(prefix + "confirm_within");
    if (!declared) {
        return usual;
    }
    const auto duration = parse_duration(declared->text);
    if (!duration || duration->count() == 0 || *duration > longest) {
        throw Error(ExitCode::configuration,
                    fmt::format("{}: confirm_within is no time up to 24 hours", declared->place),
                    "write 15m, or 2h");
    }
    return *duration;
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

// The reference page names them, too.
constexpr std::array<std::string_view, 4> words_for_production = {"prod", "prd", "production",
                                                                  "live"};
constexpr std::array<std::string_view, 6> words_against_it = {"non",  "not",  "pre",
                                                              "copy", "test", "dev"};

template <std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& words, std::string_view word)
{
    return std::ranges::any_of(
        words, [&](std::string_view each) { return equal_ignoring_case(each, word); });
}

/// Bytes beyond ASCII are letters.
bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<signed char>(c) < 0;
}

std::vector<std::string_view> words_in(std::string_view name)
{
    std::vector<std::string_view> words;
    for (std::size_t begin = 0; begin < name.size();) {
        std::size_t end = begin;
        while (end < name.size() && is_letter(name[end])) {
            ++end;
        }
        if (end > begin) {
            words.push_back(name.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return words;
}

bool is_named_prod(std::string_view name)
{
    return equal_ignoring_case(name, "prod") || equal_ignoring_case(name, "production");
}

} // namespace

std::optional<std::string> word_for_production(std::string_view name)
{
    const std::vector<std::string_view> words = words_in(name);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool is_taken_out =
            (i > 0 && is_one_of(words_against_it, words[i - 1])) ||
            (i + 1 < words.size() && is_one_of(words_against_it, words[i + 1]));
        if (is_one_of(words_for_production, words[i]) && !is_taken_out) {
            return std::string(words[i]);
        }
    }
    return std::nullopt;
}

Protection declared_protection(const std::string& name, const Values& values)
{
    const std::string key = "profiles." + name + ".protected";
    const auto declared = values.flag(key);
    Protection protection;
    protection.is_declared_false = declared.has_value() && !*declared;
    if (declared.value_or(false)) {
        protection.reason = values.origin(key);
    } else if (is_named_prod(name)) {
        protection.reason = fmt::format("it is named \"{}\"", name);
        protection.warning =
            declared ? fmt::format("protected = false at {} does nothing: a profile that is named "
                                   "\"{}\" is always protected",
                                   values.origin(key), name)
                     : "";
    } else if (const auto word = word_for_production(name); word && !declared) {
        protection.reason = fmt::format("its name says \"{}\"", *word);
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
    const auto home = variables.real().value("HOME");
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
    if (!profile.protection.warning.empty()) {
        profile.warnings.push_back(profile.protection.warning);
    }
    profile.seed = seed_policy(prefix, values, profile.protection.is_protected);
    const auto confirm = values.text(prefix + "confirm");
    profile.confirms_by_plan = confirm && confirm->text == "plan";
    profile.confirm_within = confirm_within(prefix, values);
    const auto maintenance = values.text(prefix + "maintenance_database");
    profile.maintenance_database = maintenance ? maintenance->text : "postgres";
    profile.password_command =
        values.list(prefix + "password_command").value_or(std::vector<std::string>());
    profile.auth = auth_of(prefix, values);
    profile.notes = target.notes;
    profile.declared = with_database(target.conn_info, profile, values, sources);
    profile.conn_info =
        with_defaults(profile.declared, profile, target, values.variables(), sources);
    if (profile.has_target && profile.auth == Auth::rds_iam) {
        require_fit_for_tokens(profile);
    }
    return profile;
}

} // namespace crudctl::config
