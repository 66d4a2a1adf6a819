#include "config/profile/connection_defaults.hpp"

#include "aws/request/host.hpp"
#include "config/file/setting_table.hpp"
#include "config/file/values.hpp"
#include "config/profile/host_kind.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

namespace crudctl::config {

namespace {

/// Not libpq's, or only saying where a service is looked up, which libpq does itself.
constexpr std::array<std::string_view, 4> unremarkable = {"PGDATA", "PGSERVICEFILE", "PGSYSCONFDIR",
                                                          "PGLOCALEDIR"};

constexpr std::array<std::pair<const char*, const char*>, 7> defaults = {{
    {"connect_timeout", "10"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},
    {"client_encoding", "UTF8"},
    {"gssencmode", "disable"},
}};

bool knows(std::string_view keyword)
{
    const auto& known = pg::ConnInfo::known_keywords();
    return std::find(known.begin(), known.end(), keyword) != known.end();
}

bool is_libpq_variable(std::string_view name)
{
    return name.starts_with("PG") && name.size() > 2 &&
           std::all_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_honoured(std::string_view name)
{
    const auto settings = setting_table();
    return std::any_of(settings.begin(), settings.end(),
                       [name](const Setting& setting) { return setting.variable == name; });
}

std::optional<std::filesystem::path> in_home(const Variables& variables, const char* name)
{
    const auto home = variables.real().value("HOME");
    return home ? std::optional(std::filesystem::path(*home) / name) : std::nullopt;
}

bool has_root_certificate(const pg::ConnInfo& info, const Variables& variables)
{
    std::error_code ignored;
    const auto default_file = in_home(variables, ".postgresql/root.crt");
    return info.value("sslrootcert").has_value() ||
           (default_file && std::filesystem::exists(*default_file, ignored));
}

/// libpq 16 brought both sslcertmode and the system's own certificates.
bool knows_system_certificates()
{
    return knows("sslcertmode");
}

constexpr std::size_t largest_service_file = std::size_t{1} << 20U;

std::vector<std::filesystem::path> service_files(const Environment& process)
{
    std::vector<std::filesystem::path> files;
    if (const auto file = process.value("PGSERVICEFILE")) {
        files.emplace_back(*file);
    } else if (const auto home = process.value("HOME")) {
        files.push_back(std::filesystem::path(*home) / ".pg_service.conf");
    }
    if (const auto folder = process.value("PGSYSCONFDIR")) {
        files.push_back(std::filesystem::path(*folder) / "pg_service.conf");
    }
    return files;
}

} // namespace

pg::ConnInfo with_common_defaults(const pg::ConnInfo& info, const Variables& variables)
{
    pg::ConnInfo result = info;
    for (const Setting& setting : setting_table()) {
        const auto variable = variable_of(setting, variables);
        if (!setting.variable.starts_with("PG") || setting.kind == Kind::secret || !variable) {
            continue;
        }
        check_text(variable->origin, setting, variable->value);
        result = result.with_default(last_part(setting.key), variable->value);
    }
    for (const auto& [keyword, value] : defaults) {
        if (knows(keyword)) {
            result = result.with_default(keyword, value);
        }
    }
    return result;
}

pg::ConnInfo with_tls_default(const pg::ConnInfo& info, const Variables& variables,
                              std::vector<std::string>& warnings)
{
    const std::string host =
        info.host().empty() ? info.value("hostaddr").value_or("") : info.host();
    if (info.value("sslmode")) {
        return info;
    }
    if (!is_public_host(host)) {
        return info.with("sslmode", "prefer");
    }
    if (has_root_certificate(info, variables)) {
        return info.with("sslmode", "verify-full");
    }
    const bool is_rds = aws::is_rds_host(host);
    if (knows_system_certificates() && !is_rds) {
        return info.with("sslmode", "verify-full").with("sslrootcert", "system");
    }
    warnings.push_back(fmt::format(
        "the connection to \"{}\" is encrypted, but nobody checks that it is that server: no root "
        "certificate was found; put {} at ~/.postgresql/root.crt or name it with sslrootcert",
        host, is_rds ? fmt::format("RDS's ({})", aws::rds_certificates) : "one"));
    return info.with("sslmode", "require");
}

pg::ConnInfo with_encryption(const pg::ConnInfo& info)
{
    return info.value("sslmode").value_or("prefer") == "prefer" ? info.with("sslmode", "require")
                                                                : info;
}

pg::ConnInfo without_unsafe_passfile(const pg::ConnInfo& info, const Variables& variables,
                                     std::vector<std::string>& warnings)
{
    const auto named = info.value("passfile");
    const auto file =
        named ? std::optional(std::filesystem::path(*named)) : in_home(variables, ".pgpass");
    struct stat facts {};
    if (!file || ::stat(file->c_str(), &facts) != 0) {
        return info;
    }
    std::string reason;
    if (!S_ISREG(facts.st_mode)) {
        reason = "it is not a plain file";
    } else if ((facts.st_mode & 077U) != 0) {
        reason = fmt::format("others may use it; chmod 600 \"{}\" helps", file->string());
    } else {
        return info;
    }
    warnings.push_back(
        fmt::format("the password file \"{}\" is ignored: {}", file->string(), reason));
    // A path below a device cannot exist, which libpq passes over in silence.
    return info.with("passfile", "/dev/null/none");
}

std::vector<std::string> ignored_variables(const Environment& environment)
{
    std::vector<std::string> ignored;
    for (const auto& [name, value] : environment.variables()) {
        const bool is_unremarkable =
            std::find(unremarkable.begin(), unremarkable.end(), name) != unremarkable.end();
        if (!value.empty() && is_libpq_variable(name) && !is_unremarkable && !is_honoured(name)) {
            ignored.push_back(name);
        }
    }
    return ignored;
}

std::optional<Keywords> parse_service(std::string_view text, std::string_view service)
{
    std::optional<Keywords> keywords;
    while (!text.empty()) {
        const std::string_view whole = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), whole.size() + 1));
        const std::string_view line = trimmed(whole);
        if (line.starts_with('[')) {
            if (keywords) {
                return keywords;
            }
            if (line.ends_with(']') && line.substr(1, line.size() - 2) == service) {
                keywords.emplace();
            }
            continue;
        }
        const auto equals = line.find('=');
        if (keywords && !line.starts_with('#') && equals != std::string_view::npos) {
            keywords->emplace(trimmed(line.substr(0, equals)), line.substr(equals + 1));
        }
    }
    return keywords;
}

std::optional<Keywords> read_service(std::string_view service, const Environment& process)
{
    for (const std::filesystem::path& file : service_files(process)) {
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) {
            continue;
        }
        if (auto keywords = parse_service(read_file(file, largest_service_file).text, service)) {
            keywords->erase("password"); // libpq reads it itself, as the last resort
            return keywords;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::config
