#include "config/password.hpp"

#include "config/discovery.hpp"
#include "support/error.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace crudctl::config {

namespace {

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

} // namespace

/// What it printed is not repeated in any message: it may be the password.
Secret password_of(const std::vector<std::string>& password_command, const Settings& settings,
                   ProcessRunner& processes)
{
    if (settings.config_file()) {
        require_safe_file(*settings.config_file(), settings.environment());
    }
    const std::string program = printable(password_command.front());
    const ProgramResult result =
        processes.run({password_command, settings.environment(), settings.root(), {}, {}});
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
            password_of(profile.password_command, settings, processes));
    }
    const auto password = settings.environment().value("PGPASSWORD");
    if (profile.conn_info.password().empty() && password) {
        return profile.conn_info.with_password(Secret(*password));
    }
    return profile.conn_info;
}

} // namespace crudctl::config
