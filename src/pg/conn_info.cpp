#include "pg/conn_info.hpp"

#include "pg/handle.hpp"
#include "pg/url_check.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

/// Everything after the authority's and path's own keywords goes into the URL's query.
constexpr std::array url_parts = {"user", "host", "port", "dbname"};
/// Ours, not the application's: they would only lengthen a URL that is printed.
constexpr std::array unprinted = {
    "application_name",          "client_encoding",     "connect_timeout",  "keepalives_idle",
    "keepalives_count",          "keepalives_interval", "tcp_user_timeout", "gssencmode",
    "fallback_application_name", "keepalives"};

/// Secrets that libpq takes as keywords, besides the password.
constexpr std::array secret_keywords = {"sslpassword", "oauth_client_secret", "scram_client_key",
                                        "scram_server_key"};

template <typename Names>
bool is_one_of(const std::string& keyword, const Names& names)
{
    return std::find(names.begin(), names.end(), keyword) != names.end();
}

std::string query_part(const std::map<std::string, std::string, std::less<>>& keywords,
                       ConnInfo::ShowPassword show)
{
    std::string query;
    for (const auto& [keyword, value] : keywords) {
        const bool is_socket_folder = keyword == "host" && value.starts_with('/');
        const bool is_hidden =
            show == ConnInfo::ShowPassword::no && is_one_of(keyword, secret_keywords);
        if (is_hidden || is_one_of(keyword, unprinted) ||
            (is_one_of(keyword, url_parts) && !is_socket_folder)) {
            continue;
        }
        query += fmt::format("{}{}={}", query.empty() ? "?" : "&", keyword, percent_encoded(value));
    }
    return query;
}

std::string host_part(const std::string& host)
{
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return is_ipv6 ? "[" + host + "]" : percent_encoded(host);
}

/// "a,,b" in its parts; always at least one.
std::vector<std::string> parts_of(const std::string& list)
{
    std::vector<std::string> parts;
    std::istringstream stream(list);
    for (std::string part; std::getline(stream, part, ',');) {
        parts.push_back(part);
    }
    if (list.empty() || list.back() == ',') {
        parts.emplace_back();
    }
    return parts;
}

} // namespace

ConnInfo ConnInfo::parse(const std::string& url_or_keywords)
{
    check_conn_info_text(url_or_keywords);
    char* raw_message = nullptr;
    const OptionsHandle options(PQconninfoParse(url_or_keywords.c_str(), &raw_message));
    const TextHandle message(raw_message);
    if (!options) {
        throw Error(ExitCode::configuration, reason_for_unparsable(url_or_keywords));
    }
    ConnInfo result;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr || *option->val == '\0') {
            continue;
        }
        if (std::string_view(option->keyword) == "password") {
            result.m_password = Secret(option->val);
        } else {
            result.m_keywords[option->keyword] = option->val;
        }
    }
    check_parsed_parts(result.value("host").value_or(""), result.value("port").value_or(""));
    return result;
}

ConnInfo ConnInfo::with(std::string_view keyword, std::string value) const
{
    const auto& known = known_keywords();
    if (std::find(known.begin(), known.end(), keyword) == known.end()) {
        const auto suggestion = nearest(keyword, known);
        throw Error(ExitCode::configuration,
                    fmt::format("libpq {} does not know the connection keyword \"{}\"",
                                PQlibVersion() / 10000, keyword),
                    suggestion ? fmt::format("did you mean \"{}\"?", *suggestion) : "");
    }
    ConnInfo result = *this;
    if (value.empty()) {
        result.m_keywords.erase(std::string(keyword));
    } else {
        result.m_keywords[std::string(keyword)] = std::move(value);
    }
    return result;
}

ConnInfo ConnInfo::with_default(std::string_view keyword, std::string value) const
{
    return m_keywords.contains(keyword) ? *this : with(keyword, std::move(value));
}

ConnInfo ConnInfo::with_password(Secret password) const
{
    ConnInfo result = *this;
    result.m_password = std::move(password);
    result.m_password_source = nullptr;
    return result;
}

ConnInfo ConnInfo::with_password_source(std::function<Secret()> source) const
{
    ConnInfo result = *this;
    result.m_password_source = std::move(source);
    return result;
}

std::optional<std::string> ConnInfo::value(std::string_view keyword) const
{
    const auto found = m_keywords.find(keyword);
    return found == m_keywords.end() ? std::nullopt : std::optional(found->second);
}

bool ConnInfo::Place::is_unix_socket() const
{
    return address.empty() && (host.empty() || host.front() == '/' || host.front() == '@');
}

bool ConnInfo::is_unix_socket() const
{
    return Place{host(), value("hostaddr").value_or(""), {}}.is_unix_socket();
}

bool ConnInfo::has_several_hosts() const
{
    return host().find(',') != std::string::npos ||
           value("hostaddr").value_or("").find(',') != std::string::npos;
}

std::vector<ConnInfo::Place> ConnInfo::places() const
{
    const auto hosts = parts_of(host());
    const auto addresses = parts_of(value("hostaddr").value_or(""));
    const auto ports = parts_of(value("port").value_or(""));
    std::vector<Place> places(std::max(hosts.size(), addresses.size()));
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string& one_port = i < ports.size() ? ports[i] : ports.front();
        places[i] = {i < hosts.size() ? hosts[i] : std::string(),
                     i < addresses.size() ? addresses[i] : std::string(),
                     one_port.empty() ? "5432" : one_port};
    }
    return places;
}

std::string ConnInfo::server_text() const
{
    std::string text = user().empty() ? "" : user() + "@";
    const char* separator = "";
    for (const Place& place : places()) {
        const std::string& name = host().empty() ? place.address : place.host;
        text += fmt::format("{}{}:{}", separator, name.empty() ? "local socket" : name, place.port);
        separator = ",";
    }
    return text;
}

std::string ConnInfo::url(ShowPassword show) const
{
    std::string text = "postgresql://";
    const Secret shown = show == ShowPassword::yes ? password() : Secret();
    if (!user().empty() || !shown.empty()) {
        text += percent_encoded(user());
        text += shown.empty() ? "" : ":" + percent_encoded(shown.reveal());
        text += "@";
    }
    if (!host().empty() && host().front() != '/') {
        text += host_part(host());
    }
    if (value("port")) {
        text += ":" + port();
    }
    return text + "/" + percent_encoded(database()) + query_part(m_keywords, show);
}

const std::vector<std::string>& ConnInfo::known_keywords()
{
    static const std::vector<std::string> known = [] {
        std::vector<std::string> names;
        const OptionsHandle options(PQconndefaults());
        for (const PQconninfoOption* option = options.get();
             option != nullptr && option->keyword != nullptr; ++option) {
            names.emplace_back(option->keyword);
        }
        return names;
    }();
    return known;
}

} // namespace crudctl::pg
