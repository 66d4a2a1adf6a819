#include "config/profile/password.hpp"

#include "config/profile/foreign_url.hpp"
#include "config/project/discovery.hpp"
#include "pg/conn_info.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace crudctl::config {

namespace {

/// A folder on the way to the file whose entries others may replace: they may write to it, and it
/// has no sticky bit. The file's own folder must be closed to its group as well.
std::optional<fs::path> replaceable_in(const fs::path& file)
{
    mode_t others = S_IWGRP | S_IWOTH;
    std::error_code unresolved;
    const fs::path canonical = fs::weakly_canonical(file, unresolved);
    for (fs::path folder = (unresolved ? file : canonical).parent_path();;
         folder = folder.parent_path()) {
        struct stat facts {};
        if (::stat(folder.c_str(), &facts) == 0 && (facts.st_mode & others) != 0 &&
            (facts.st_mode & S_ISVTX) == 0) {
            return folder;
        }
        if (folder == folder.parent_path()) {
            return std::nullopt;
        }
        others = S_IWOTH;
    }
}

/// Whoever can write the file decides what runs under our name.
void require_safe_file(const ConfigFile& file, const Environment& environment)
{
    if (file.facts.others_may_write()) {
        throw Error(ExitCode::configuration,
                    fmt::format("password_command in \"{}\" is not run: others may write the file",
                                file.shown),
                    fmt::format("chmod go-w \"{}\"", file.shown));
    }
    if (!is_trusted_owner(file.facts.owner, ::geteuid(), environment) &&
        file.facts.owner != file.folder_owner) {
        throw Error(
            ExitCode::configuration,
            fmt::format("password_command in \"{}\" is not run: the file belongs to neither "
                        "you, root nor its folder's owner (user id {})",
                        file.shown, file.facts.owner),
            "copy the file, so that it is yours");
    }
    if (const auto folder = replaceable_in(file.path)) {
        throw Error(
            ExitCode::configuration,
            fmt::format("password_command in \"{}\" is not run: others may write to \"{}\", "
                        "and replace the file",
                        file.shown, folder->string()),
            fmt::format("chmod go-w \"{}\"", folder->string()));
    }
}

std::string without_last_newline(std::string text)
{
    if (text.ends_with('\n')) {
        text.pop_back();
    }
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

bool looks_like_target(const std::string& text)
{
    const bool is_url = lower_ascii(text.substr(0, 8)) == "postgres" && // not a mere role
                        text.find(':') != std::string::npos;
    return is_url || text.find("password=") != std::string::npos;
}

const Setting* setting_of(const Entry& entry)
{
    return find_setting(generic_key(entry.path));
}

/// Variables that hold a secret and nothing else.
bool is_secret_variable(std::string_view name)
{
    return name == "PGPASSWORD" || name == "AWS_SECRET_ACCESS_KEY" || name == "AWS_SESSION_TOKEN";
}

/// Of a setting's own text: a password key's value, or the passwords in a URL.
std::vector<Secret> secrets_in_setting(const Setting& setting, const std::string& text)
{
    if (setting.kind == Kind::secret && !text.empty()) {
        return {Secret(text)};
    }
    return setting.kind == Kind::url ? secrets_in(text) : std::vector<Secret>();
}

void append(std::vector<Secret>& secrets, const std::vector<Secret>& more)
{
    secrets.insert(secrets.end(), more.begin(), more.end());
}

/// The variables' values that are in the text, too: they may be passwords within a URL.
std::optional<std::string> expanded(const Entry& entry, const Setting& setting,
                                    const Variables& variables)
{
    try {
        const auto encoding = setting.kind == Kind::url ? Encoding::url : Encoding::literal;
        return expand(entry.value.text, {}, encoding, variables).text;
    } catch (const Error&) {
        return std::nullopt; // the code that needs the value reports it
    }
}

} // namespace

/// What it printed is not repeated in any message: it may be the password.
Secret password_of(const std::string& profile_name,
                   const std::vector<std::string>& password_command, const Settings& settings,
                   ProcessRunner& processes)
{
    if (settings.config_file()) {
        require_safe_file(*settings.config_file(), settings.environment());
    }
    const std::string program = printable(password_command.front());
    const ProgramResult result = processes.run(
        {password_command, settings.password_environment(profile_name), settings.root(), {}, {}});
    if (!result.succeeded()) {
        throw Error(ExitCode::external,
                    fmt::format("password_command \"{}\" failed with exit code {}", program,
                                result.exit_code),
                    "run it by hand to see what it says");
    }
    std::string password = without_last_newline(result.out);
    if (password.empty() || password.find('\0') != std::string::npos) {
        throw Error(ExitCode::external,
                    fmt::format("password_command \"{}\" printed no password", program),
                    "run it by hand to see what it says");
    }
    return Secret(std::move(password));
}

pg::ConnInfo with_password(const Profile& profile, const Settings& settings,
                           ProcessRunner& processes)
{
    if (profile.auth == Auth::rds_iam) {
        return profile.conn_info;
    }
    if (!profile.password_command.empty()) {
        return profile.conn_info.with_password(
            password_of(profile.name, profile.password_command, settings, processes));
    }
    const auto password = settings.environment_with_dotenv().value("PGPASSWORD");
    if (profile.conn_info.password().empty() && password) {
        return profile.conn_info.with_password(Secret(*password));
    }
    return profile.conn_info;
}

std::vector<Secret> secrets_in(const std::string& url)
{
    if (!looks_like_target(url)) {
        return {};
    }
    try {
        const pg::ConnInfo info = pg::ConnInfo::parse(read_foreign_url(url).text);
        std::vector<Secret> secrets;
        if (!info.password().empty()) {
            secrets.push_back(info.password());
        }
        if (const auto key_password = info.value("sslpassword")) {
            secrets.emplace_back(*key_password);
        }
        return secrets;
    } catch (const Error&) {
        return {Secret(url)};
    }
}

std::vector<Secret> known_secrets(const Values& values)
{
    std::vector<Secret> secrets;
    for (const Entry& entry : values.file().entries) {
        const Setting* setting = setting_of(entry);
        const auto text =
            setting == nullptr ? std::nullopt : expanded(entry, *setting, values.variables());
        if (text) {
            append(secrets, secrets_in_setting(*setting, *text));
        }
    }
    for (const auto& [name, value] : values.variables().with_dotenv().variables()) {
        append(secrets, is_secret_variable(name) ? std::vector{Secret(value)} : secrets_in(value));
    }
    return secrets;
}

bool holds_password(const TomlFile& file)
{
    return std::any_of(file.entries.begin(), file.entries.end(), [](const Entry& entry) {
        const Setting* setting = setting_of(entry);
        return setting != nullptr &&
               !secrets_in_setting(*setting, without_variables(entry.value.text)).empty();
    });
}

bool holds_password(const Dotenv& dotenv)
{
    return std::any_of(dotenv.variables.begin(), dotenv.variables.end(), [](const auto& variable) {
        return (variable.first == "PGPASSWORD" && !variable.second.empty()) ||
               !secrets_in(variable.second).empty();
    });
}

} // namespace crudctl::config
