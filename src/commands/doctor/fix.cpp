#include "commands/doctor/fix.hpp"

#include "config/project/repository.hpp"
#include "support/system/file.hpp"
#include "support/system/network.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

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

bool is_value_character(char c)
{
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
}

/// `${VAR/from/to}` takes `from` as a pattern: nothing that would be one.
bool is_plain(std::string_view text)
{
    return consists_of(
        text, [](char c) { return is_value_character(c) || c == '=' || c == ':' || c == '@'; });
}

/// The command that opens the file with the setting, or nothing where it is an exported variable.
std::string file_command(const Context& context, const std::string& origin)
{
    if (origin.ends_with(in_dotenv)) {
        return edit_command(context.settings.root(), ".env", "");
    }
    const auto colon = origin.rfind(':');
    const std::string line = colon == std::string::npos ? "" : origin.substr(colon + 1);
    if (colon > 0 && consists_of(line, is_digit)) {
        return edit_command(context.settings.root(), origin.substr(0, colon), line);
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
std::string set_parameter(std::string_view text, std::string_view name)
{
    constexpr std::string_view separators = "?& ";
    const std::string front = fmt::format("{}=", name);
    for (auto at = text.find(front); at != std::string_view::npos; at = text.find(front, at + 1)) {
        if (at == 0 || separators.find(text[at - 1]) != std::string_view::npos) {
            const std::string_view rest = text.substr(at + front.size());
            const auto* end = std::find_if_not(rest.begin(), rest.end(), is_value_character);
            return front + std::string(rest.begin(), end);
        }
    }
    return {};
}

bool is_here(const pg::ConnInfo::Place& place)
{
    return place.is_unix_socket() || is_loopback(place.host.empty() ? place.address : place.host);
}

bool is_address_character(char c)
{
    return is_hex_digit(c) || c == '.' || c == ':';
}

/// Whether nothing but the host or the port is another one once the text at `at` is.
bool is_host_or_port(const std::string& text, std::size_t at, std::string_view from)
{
    std::string changed = text;
    changed.replace(at, from.size(), consists_of(from, is_digit) ? "1" : "other");
    try {
        const pg::ConnInfo before = pg::ConnInfo::parse(text);
        const pg::ConnInfo after = pg::ConnInfo::parse(changed);
        return before.user() == after.user() && before.database() == after.database() &&
               before.password().reveal() == after.password().reveal();
    } catch (const Error&) {
        return false;
    }
}

/// `${VAR/from/to}` replaces the first match: `from` and `to` with as much of the text beside them
/// as makes that the host or the port, and no user, password or scheme of the same name.
struct Replacement {
    std::string from;
    std::string to;
};
std::optional<Replacement> replacement_in(const std::string& text, std::string_view from,
                                          std::string_view to)
{
    const bool is_parameter = from.find('=') != std::string_view::npos;
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + 1)) {
        if (!is_parameter && !is_host_or_port(text, at, from)) {
            continue;
        }
        Replacement result{std::string(from), std::string(to)};
        if (text.find(result.from) != at && at > 0) {
            result = {text[at - 1] + result.from, text[at - 1] + result.to};
        }
        const std::size_t end = at + from.size();
        if (text.find(result.from) < at - (result.from.size() - from.size()) && end < text.size()) {
            result = {result.from + text[end], result.to + text[end]};
        }
        const bool is_first = text.find(result.from) + result.from.find(from) == at;
        return is_first && is_plain(result.from) ? std::optional(result) : std::nullopt;
    }
    return std::nullopt;
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
    const auto replacement = from.empty() ? std::nullopt : replacement_in(text, from, to);
    return replacement ? with_reason(what, fmt::format("export {0}=\"${{{0}/{1}/{2}}}\"", origin,
                                                       replacement->from, replacement->to))
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
    const config::Repository repository = config::look_at_repository(
        context.settings.root(), context.settings.environment_with_dotenv());
    const auto service =
        std::ranges::find(repository.compose, place.port, &config::ComposeDatabase::port);
    if (service != repository.compose.end()) {
        return with_reason("start the server",
                           "docker compose up -d " + shell_word(service->service));
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
    const auto host = between("host \"", "\"", reason);
    if (!host || !consists_of(*host, is_address_character)) {
        return fmt::format("the server's pg_hba.conf must let \"{}\" in on \"{}\" from here",
                           target.info.user(), target.info.database());
    }
    const char* length = host->find(':') == std::string_view::npos ? "32" : "128";
    const std::string line = fmt::format("host \"{}\" \"{}\" {}/{} scram-sha-256",
                                         target.info.database(), target.info.user(), *host, length);
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
