#include "commands/doctor_fix.hpp"

#include "config/repository.hpp"
#include "support/file.hpp"
#include "support/network.hpp"
#include "support/shell.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <filesystem>
#include <regex>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view in_dotenv = " in .env";

/// A file as it is named from here.
std::string edit_command(const fs::path& root, const std::string& file, const std::string& line)
{
    const bool is_found_from_here = is_there(file);
    const std::string path =
        is_found_from_here ? file : fs::proximate(root / file).lexically_normal().string();
    return fmt::format("${{EDITOR:-vi}} {}{}", line.empty() ? "" : "+" + line + " ",
                       shell_word(path));
}

/// `${VAR/from/to}` takes `from` as a pattern: nothing that would be one.
bool is_plain(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("._-=:").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// The command that opens the file with the setting, or nothing where it is an exported variable.
std::string file_command(const Context& context, const std::string& origin)
{
    static const std::regex line_of_file("(.+):([0-9]+)");
    std::smatch match;
    if (origin.ends_with(in_dotenv)) {
        return edit_command(context.settings.root(), ".env", "");
    }
    if (std::regex_match(origin, match, line_of_file)) {
        return edit_command(context.settings.root(), match[1], match[2]);
    }
    return context.settings.environment().value(origin) ? "" : "crudctl config";
}

/// Opens the configuration file.
std::string config_command(const Context& context)
{
    const auto& file = context.settings.config_file();
    return file ? edit_command(context.settings.root(), file->shown, "") : "crudctl config";
}

std::string with_reason(std::string_view what, const std::string& command)
{
    return fmt::format("{}: {}", what, command);
}

/// Of a URL or a keyword string in a variable.
std::string with_parameter(const std::string& variable, const std::string& text,
                           std::string_view setting)
{
    const bool is_url = text.find("://") != std::string::npos;
    const char* separator = !is_url ? " " : text.find('?') == std::string::npos ? "?" : "&";
    return fmt::format("export {0}=\"${0}{1}{2}\"", variable, separator, setting);
}

/// What a parameter has in the text, with its name: `sslmode=disable`.
std::string set_parameter(const std::string& text, std::string_view name)
{
    const std::regex pattern(fmt::format("(^|[?& ])({}=[A-Za-z0-9._-]*)", name));
    std::smatch match;
    return std::regex_search(text, match, pattern) ? match[2].str() : std::string();
}

bool is_here(const pg::ConnInfo::Place& place)
{
    return place.is_unix_socket() || is_loopback(place.host.empty() ? place.address : place.host);
}

/// PGPASSWORD, for the commands of this shell, typed unseen.
constexpr const char* type_password = "read -rs PGPASSWORD && export PGPASSWORD";

} // namespace

std::string setting_fix(const Context& context, const Target& target, std::string_view what,
                        std::string_view from, std::string_view to)
{
    const std::string& origin = target.profile.origin;
    const std::string command = file_command(context, origin);
    if (!command.empty()) {
        return with_reason(what, command);
    }
    const std::string text = context.settings.environment().value(origin).value_or("");
    return is_plain(from) && text.find(from) != std::string::npos
               ? with_reason(what, fmt::format("export {0}=\"${{{0}/{1}/{2}}}\"", origin, from, to))
               : with_reason(what, fmt::format("export {}=URL", origin));
}

std::string parameter_fix(const Context& context, const Target& target, std::string_view name,
                          std::string_view value)
{
    const std::string& origin = target.profile.origin;
    const std::string setting = fmt::format("{}={}", name, value);
    const std::string what = fmt::format("set {}", setting);
    const std::string text = context.settings.environment().value(origin).value_or("");
    const std::string former = set_parameter(text, name);
    return !former.empty() || !file_command(context, origin).empty()
               ? setting_fix(context, target, what, former, setting)
               : with_reason(what, with_parameter(origin, text, setting));
}

std::string start_fix(const Context& context, const Target& target)
{
    const pg::ConnInfo::Place place = target.info.places().front();
    const std::string& host = place.host.empty() ? place.address : place.host;
    if (!is_here(place)) {
        return setting_fix(context, target,
                           fmt::format("start the server on {}, or correct host and port", host),
                           host, "HOST");
    }
    const config::Repository repository =
        config::look_at_repository(context.settings.root(), context.settings.environment());
    if (repository.compose && repository.compose->port == place.port) {
        return with_reason("start the server",
                           "docker compose up -d " + shell_word(repository.compose->service));
    }
#ifdef __APPLE__
    return with_reason("start the server", "brew services start postgresql");
#else
    return with_reason("start the server", "sudo service postgresql start");
#endif
}

std::string password_fix(const Context& context, const Target& target)
{
    const config::Profile& profile = target.profile;
    constexpr const char* what = "correct the password, or the user";
    if (!profile.password_command.empty()) {
        return with_reason("correct password_command, or the user", config_command(context));
    }
    if (!profile.conn_info.password().empty()) {
        return setting_fix(context, target, what, {}, {});
    }
    return with_reason(what, type_password);
}

std::string access_fix(const Target& target, const std::string& reason)
{
    static const std::regex host("host \"([0-9a-fA-F.:]+)\"");
    std::smatch match;
    if (!std::regex_search(reason, match, host)) {
        return fmt::format("the server's pg_hba.conf must let \"{}\" in on \"{}\" from here",
                           target.info.user(), target.info.database());
    }
    const std::string address = match[1];
    const char* length = address.find(':') == std::string::npos ? "32" : "128";
    const std::string line =
        fmt::format("host \"{}\" \"{}\" {}/{} scram-sha-256", target.info.database(),
                    target.info.user(), address, length);
    return with_reason("on the server, as its administrator",
                       fmt::format("sed -i {} \"$(psql -Atc 'show hba_file')\" && "
                                   "psql -c 'select pg_reload_conf()'",
                                   shell_word("1i " + line)));
}

std::string certificate_fix(const Target& target, const pg::CertificateView& view,
                            const std::string& file)
{
    const std::string path = file.empty() ? "~/.postgresql/root.crt" : shell_word(file);
    if (view.flaw != pg::CertificateFlaw::self_signed) {
        return with_reason(
            fmt::format("get the certificate of {} from whoever runs the server",
                        view.issuer.empty() ? "whoever signed the server's" : view.issuer),
            is_there(file) ? fmt::format("cat CERTIFICATE.crt >> {}", path)
                           : fmt::format("install -D -m 644 CERTIFICATE.crt {}", path));
    }
    const auto place = target.info.places().front();
    const std::string& host = place.host.empty() ? place.address : place.host;
    const std::string folder = shell_word(fs::path(file).parent_path().string());
    return with_reason(
        "if nobody stands between you and the server, trust what it shows",
        fmt::format("{}openssl s_client -starttls postgres -connect {}:{} </dev/null 2>/dev/null | "
                    "openssl x509 >> {}",
                    file.empty() || is_there(fs::path(file).parent_path())
                        ? ""
                        : fmt::format("mkdir -p {} && ", folder),
                    host, place.port, path));
}

} // namespace crudctl::commands
