#include "config/trust/trust_request.hpp"

#include "config/profile/host_kind.hpp"
#include "config/profile/profile.hpp"
#include "config/profile/target.hpp"
#include "config/trust/project_program.hpp"
#include "support/error.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fs = std::filesystem;

namespace crudctl::config {

namespace {

/// Who gives a value: the file itself, or a variable of .env or of the real environment.
enum class Giver { file, dotenv, real };

struct Named {
    std::string name;
    Giver giver = Giver::real;
};

class ProfileRequests {
public:
    ProfileRequests(const std::string& name, const Values& values, const fs::path& root)
        : m_prefix("profiles." + name + "."),
          m_values(values),
          m_root(root),
          m_target(read_target(m_prefix, values, root))
    {
        m_url = entry_text("url");
        const auto alone = alone_in(m_url);
        m_is_url_a_variable = alone.has_value();
        m_url_giver = alone.value_or(Giver::file);
    }

    std::vector<TrustRequest> all()
    {
        add_password_command();
        add_engine();
        add_values();
        add_token();
        return std::move(m_requests);
    }

private:
    std::string entry_text(const std::string& key) const
    {
        const Entry* entry = m_values.entry(m_prefix + key);
        return entry == nullptr ? std::string() : entry->value.text;
    }

    std::optional<Giver> giver_of(const std::string& variable) const
    {
        if (m_values.variables().find_real(variable)) {
            return Giver::real;
        }
        return m_values.variables().find(variable) ? std::optional(Giver::dotenv) : std::nullopt;
    }

    /// Who gives a text that is one variable and nothing else, where that is set.
    std::optional<Giver> alone_in(const std::string& text) const
    {
        const auto names = variable_names(text);
        const bool is_alone =
            names.size() == 1 && text.starts_with("${") && text.find('}') == text.size() - 1;
        return is_alone ? giver_of(names.front()) : std::nullopt;
    }

    /// Who spells this host: what stands in the file in so many letters, the file does; what
    /// neither it nor a variable is known to say, too.
    Giver speller_of(const std::string& host) const
    {
        if (m_is_url_a_variable && is_led_elsewhere()) {
            return Giver::file;
        }
        if (m_is_url_a_variable) {
            return m_url_giver;
        }
        const std::vector<std::string> texts = {m_url, entry_text("host"), entry_text("hostaddr")};
        for (const std::string& text : texts) {
            if (lower_ascii(without_variables(text)).find(lower_ascii(host)) != std::string::npos) {
                return Giver::file;
            }
        }
        for (const std::string& text : texts) {
            for (const std::string& name : variable_names(text)) {
                const auto variable = m_values.variables().find(name);
                if (variable && variable->value == host) {
                    return *giver_of(name);
                }
            }
        }
        const bool is_of_service = m_target.conn_info.value("service").has_value() &&
                                   m_url.empty() && texts[1].empty() && texts[2].empty();
        return is_of_service ? Giver::real : Giver::file;
    }

    /// The file has a URL of the user's lead to a server that it names itself.
    bool is_led_elsewhere() const
    {
        return !without_variables(entry_text("host")).empty() ||
               !without_variables(entry_text("hostaddr")).empty();
    }

    /// Hosts that are far away, each with who spells it.
    std::vector<Named> far_hosts() const
    {
        std::vector<Named> hosts;
        for (const pg::ConnInfo::Place& place : m_target.conn_info.places()) {
            const std::string& host = place.address.empty() ? place.host : place.address;
            if (m_target.names_server && !is_near_host(host)) {
                hosts.push_back({host, speller_of(host)});
            }
        }
        return hosts;
    }

    /// A host with the names of variables in place of their values, which may be secrets.
    std::string shown(std::string host) const
    {
        for (const std::string& text : {m_url, entry_text("host"), entry_text("hostaddr")}) {
            for (const std::string& name : variable_names(text)) {
                const auto variable = m_values.variables().find(name);
                const std::string value = variable ? variable->value : "";
                const std::size_t at = value.empty() ? std::string::npos : host.find(value);
                if (at != std::string::npos && value != host) {
                    host.replace(at, value.size(), "${" + name + "}");
                }
            }
        }
        return host;
    }

    void add_variables_of(const std::string& text, std::vector<Named>& found) const
    {
        for (const std::string& name : variable_names(text)) {
            if (const auto giver = giver_of(name)) {
                found.push_back({name, *giver});
            }
        }
    }

    /// Every variable whose value goes to the server.
    std::vector<Named> sent_variables() const
    {
        std::vector<Named> found;
        if (!m_is_url_a_variable || is_led_elsewhere()) {
            add_variables_of(m_url, found);
        }
        for (const Setting& setting : setting_table()) {
            const bool is_sent = (setting.kind == Kind::text || setting.kind == Kind::secret) &&
                                 last_part(setting.key) != "sslpassword" &&
                                 last_part(setting.key) != "service";
            if (is_connection_keyword(setting) && is_sent) {
                add_variables_of(entry_text(std::string(last_part(setting.key))), found);
            }
        }
        add_variables_of(entry_text("maintenance_database"), found);
        const Entry* name = m_values.entry("project.name");
        if (m_target.conn_info.database().empty() && name != nullptr) {
            add_variables_of(name->value.text, found);
        }
        if (takes_pgpassword()) {
            found.push_back({"PGPASSWORD", *giver_of("PGPASSWORD")});
        }
        return found;
    }

    /// It counts without being named, where there is no other password.
    bool takes_pgpassword() const
    {
        return m_target.conn_info.password().empty() &&
               m_values.entry(m_prefix + "password_command") == nullptr && !uses_token() &&
               giver_of("PGPASSWORD").has_value();
    }

    bool uses_token() const { return entry_text("auth") == "rds-iam"; }

    /// What .env gives, it may give to a host that it names itself.
    static bool is_to_be_asked(Giver variable, Giver host)
    {
        return host == Giver::file || (host == Giver::dotenv && variable == Giver::real);
    }

    void add_values()
    {
        const std::vector<Named> variables = sent_variables();
        std::set<std::string> lines;
        for (const Named& host : far_hosts()) {
            for (const Named& variable : variables) {
                const bool is_the_host =
                    m_values.variables().find(variable.name)->value == host.name;
                if (is_to_be_asked(variable.giver, host.giver) && !is_the_host) {
                    lines.insert(
                        fmt::format("the value of {} to {}", variable.name, shown(host.name)));
                }
            }
        }
        add("sends", host_key(), {lines.begin(), lines.end()});
    }

    /// A token of IAM is made for what aws.endpoint says: sent elsewhere, it opens that instance.
    void add_token()
    {
        std::vector<std::string> lines;
        const bool is_for_another =
            !entry_text("aws.endpoint").empty() || m_target.conn_info.value("hostaddr").has_value();
        for (const Named& host : far_hosts()) {
            if (uses_token() && is_for_another && host.giver != Giver::real) {
                const std::string endpoint = entry_text("aws.endpoint");
                lines.push_back(fmt::format("a token of IAM for {} to {}",
                                            endpoint.empty()
                                                ? m_target.conn_info.host()
                                                : text_of_project(endpoint, m_values.variables()),
                                            shown(host.name)));
            }
        }
        add("sends", host_key(), lines);
    }

    void add_password_command()
    {
        const Entry* entry = m_values.entry(m_prefix + "password_command");
        if (entry == nullptr || entry->value.items.empty()) {
            return;
        }
        std::vector<std::string> lines = command_lines(*entry, m_values.variables(), m_root);
        std::vector<Named> variables;
        for (const Value& item : entry->value.items) {
            add_variables_of(item.text, variables);
        }
        for (const Named& variable : variables) {
            if (variable.giver == Giver::dotenv) {
                lines.push_back(fmt::format("gets {} from .env", variable.name));
            }
        }
        lines.push_back("its answer goes to " + receiver());
        add("runs", "password_command", lines);
    }

    /// Where the answer of password_command goes, as the files say it.
    std::string receiver() const
    {
        if (m_is_url_a_variable) {
            return "the server in " + variable_names(m_url).front();
        }
        std::set<std::string> hosts;
        for (const pg::ConnInfo::Place& place : m_target.conn_info.places()) {
            const std::string& host = place.address.empty() ? place.host : place.address;
            const bool is_variable = !host.empty() && speller_of(host) == Giver::real;
            hosts.insert(is_variable    ? "a host of the environment"
                         : host.empty() ? "a Unix socket"
                                        : shown(host));
        }
        return fmt::format("{}", fmt::join(hosts, ", "));
    }

    /// libpq loads what stands before the colon.
    void add_engine()
    {
        const std::string key = m_target.conn_info.value("sslkey").value_or("");
        const bool is_of_project = !m_is_url_a_variable || m_url_giver != Giver::real;
        if (key.find(':') != std::string::npos && is_of_project) {
            add("runs", m_values.entry(m_prefix + "sslkey") != nullptr ? "sslkey" : "url",
                {fmt::format("the OpenSSL engine of sslkey = {}", shell_word(key))});
        }
    }

    /// The key that says where the server is.
    std::string host_key() const
    {
        for (const char* key : {"hostaddr", "host"}) {
            if (m_values.entry(m_prefix + key) != nullptr) {
                return key;
            }
        }
        return "url";
    }

    void add(const char* label, const std::string& key, std::vector<std::string> lines)
    {
        if (!lines.empty()) {
            m_requests.push_back({m_values.origin(m_prefix + key), label, std::move(lines)});
        }
    }

    std::string m_prefix;
    const Values& m_values;
    const fs::path& m_root;
    Target m_target;
    std::string m_url;
    bool m_is_url_a_variable = false;
    Giver m_url_giver = Giver::file;
    std::vector<TrustRequest> m_requests;
};

std::string sha256_of(const std::vector<std::string>& parts)
{
    std::string text;
    for (const std::string& part : parts) {
        text += fmt::format("{}:{}\n", part.size(), part);
    }
    return sha256_hex(text);
}

bool is_below(const fs::path& path, const fs::path& root)
{
    std::error_code unresolved;
    const fs::path below = fs::weakly_canonical(path, unresolved)
                               .lexically_relative(fs::weakly_canonical(root, unresolved));
    return unresolved || (!below.empty() && *below.begin() != "..");
}

/// Where the file has the key and no variable of the real environment stands above it.
std::optional<std::string> path_in_file(const std::string& key, const Values& values)
{
    const Entry* entry = values.entry(key);
    const bool is_overruled = variable_of(setting_for(key), values.variables()).has_value();
    return entry == nullptr || is_overruled
               ? std::nullopt
               : std::optional(text_of_project(entry->value.text, values.variables()));
}

} // namespace

std::string TrustRequest::digest() const
{
    std::vector<std::string> parts = {label};
    parts.insert(parts.end(), lines.begin(), lines.end());
    return sha256_of(parts);
}

std::string digest_of(const std::vector<TrustRequest>& requests)
{
    std::set<std::string> digests;
    for (const TrustRequest& request : requests) {
        digests.insert(request.digest());
    }
    return sha256_of({digests.begin(), digests.end()});
}

std::vector<TrustRequest> trust_requests(const std::string& profile_name, const Values& values,
                                         const fs::path& root)
{
    std::vector<TrustRequest> requests = ProfileRequests(profile_name, values, root).all();
    const auto more = address_trust_requests(profile_name, values);
    requests.insert(requests.end(), more.begin(), more.end());
    return requests;
}

std::vector<TrustRequest> trust_requests_of_text(const std::string& text, const Environment& real,
                                                 const fs::path& root)
{
    const Values values(parse_toml(text, "crudctl.toml"), Variables(real, {}));
    std::vector<TrustRequest> requests = server_trust_requests(values, root);
    const auto programs = program_trust_requests(values, root);
    requests.insert(requests.end(), programs.begin(), programs.end());
    for (const std::string& name : values.profile_names()) {
        try {
            const auto more = trust_requests(name, values, root);
            requests.insert(requests.end(), more.begin(), more.end());
        } catch (const Error&) {
            continue; // its variables are not set yet
        }
    }
    return requests;
}

std::vector<TrustRequest> address_trust_requests(const std::string& profile_name,
                                                 const Values& values)
{
    const std::string key = fmt::format("profiles.{}.aws.address_services", profile_name);
    const Entry* entry = values.entry(key);
    if (entry == nullptr || variable_of(setting_for(key), values.variables())) {
        return {};
    }
    const std::string& text = entry->value.text;
    const auto names = variable_names(text);
    const bool is_alone = names.size() == 1 && text.starts_with("${") && text.ends_with('}');
    std::vector<std::string> lines;
    for (const std::string& name : names) {
        if (!is_alone && values.variables().find(name)) {
            lines.push_back(fmt::format("the value of {} to {}", name, text));
        }
    }
    return lines.empty() ? std::vector<TrustRequest>()
                         : std::vector<TrustRequest>{{values.origin(key), "sends", lines}};
}

std::vector<TrustRequest> program_trust_requests(const Values& values, const fs::path& root)
{
    std::vector<TrustRequest> requests;
    for (const char* key : {"project.schema_command", "project.seed_command"}) {
        const Entry* entry = values.entry(key);
        if (entry != nullptr && !entry->value.items.empty()) {
            std::vector<std::string> lines = command_lines(*entry, values.variables(), root);
            lines.emplace_back("with the URL of the database, password included");
            requests.push_back({values.origin(key), "runs", std::move(lines)});
        }
    }
    return requests;
}

std::vector<TrustRequest> server_trust_requests(const Values& values, const fs::path& root)
{
    std::vector<TrustRequest> requests;
    if (const auto folder = path_in_file("server.binaries", values)) {
        const fs::path path = resolved_path(*folder, root, values.variables());
        std::vector<std::string> lines = {
            fmt::format("initdb and postgres in {}", shell_word(*folder))};
        for (const char* program : {"initdb", "postgres"}) {
            if (auto file = project_program((path / program).string(), root, false)) {
                lines.push_back(std::move(*file));
            }
        }
        requests.push_back({values.origin("server.binaries"), "runs", lines});
    }
    if (const auto folder = path_in_file("server.data_directory", values)) {
        if (is_below(resolved_path(*folder, root, values.variables()), repository_root(root))) {
            requests.push_back({values.origin("server.data_directory"),
                                "runs",
                                {fmt::format("a Postgres on the data in {}, which lie in this "
                                             "project",
                                             shell_word(*folder))}});
        }
    }
    return requests;
}

} // namespace crudctl::config
