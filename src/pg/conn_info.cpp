#include "pg/conn_info.hpp"

#include "pg/result.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

/// Everything after the authority's and path's own keywords goes into the URL's query.
constexpr std::array url_parts = {"user", "host", "port", "dbname"};

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
        const auto host = keywords.find("host");
        const bool is_at_socket = host != keywords.end() && host->second.starts_with('/');
        const bool is_of_socket = is_at_socket && (keyword == "host" || keyword == "port");
        const bool is_hidden =
            show == ConnInfo::ShowPassword::no && is_one_of(keyword, secret_keywords);
        if (is_hidden || (is_one_of(keyword, url_parts) && !is_of_socket)) {
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

/// A socket's folder goes into the query with its port: some drivers take no port without a host.
std::string place_part(const std::string& host, const std::optional<std::string>& port)
{
    if (host.starts_with('/')) {
        return "";
    }
    return (host.empty() ? "" : host_part(host)) + (port ? ":" + *port : "");
}

/// libpq takes hosts and ports in one list alone.
std::string places_part(const std::vector<ConnInfo::Place>& places)
{
    std::string text;
    for (const ConnInfo::Place& place : places) {
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", host_part(place.host), place.port);
    }
    return text;
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

constexpr const char* how_to_encode = "in a password write \"@\" as %40, \"/\" as %2F, \":\" as "
                                      "%3A, \"?\" as %3F and \"#\" as %23";
constexpr std::string_view example = "postgresql://user@host:5432/database";

[[noreturn]] void refuse(const std::string& reason, const std::string& hint = {})
{
    throw Error(ExitCode::configuration, "cannot read the connection URL: " + reason, hint);
}

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_url_scheme(std::string_view text)
{
    const std::string start = lower_ascii(text.substr(0, 13));
    return start.starts_with("postgresql:") || start.starts_with("postgres:");
}

void check_scheme(std::string_view text)
{
    const std::string_view scheme = text.substr(0, text.find(':'));
    if (scheme != lower_ascii(scheme)) {
        refuse("the scheme must be in lower case", fmt::format("write it like {}", example));
    }
    if (!text.substr(scheme.size()).starts_with("://")) {
        refuse(fmt::format("\"//\" is missing after the scheme (character {})", scheme.size() + 2),
               fmt::format("write it like {}", example));
    }
}

void check_percent_escapes(std::string_view text)
{
    for (std::size_t at = text.find('%'); at != std::string_view::npos;
         at = text.find('%', at + 1)) {
        if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) {
            refuse(fmt::format("\"%\" is not followed by two hexadecimal digits (character {})",
                               at + 1),
                   "a percent sign itself is written %25");
        }
        if (text.substr(at, 3) == "%00") {
            refuse(fmt::format("%00 is not allowed (character {})", at + 1));
        }
    }
}

/// libpq would take the rest of such a password for host, port or database, and show it as that.
void check_encoding(std::string_view text)
{
    std::string_view rest = text.substr(text.find("//") + 2);
    const auto first_at = rest.find('@');
    const bool has_user = first_at < rest.find('/'); // whose password may hold a "?"
    rest = rest.substr(0, rest.find('?', has_user ? first_at : 0));
    const bool has_second_at = has_user && first_at != rest.rfind('@');
    const bool has_slash_before = !has_user && rest.find('@') != std::string_view::npos;
    if (rest.find_first_of(" #") != std::string_view::npos) {
        refuse("a blank or \"#\" in it has to be percent-encoded", how_to_encode);
    }
    if (has_second_at || has_slash_before) {
        refuse("an \"@\" or \"/\" in it has to be percent-encoded", how_to_encode);
    }
}

bool is_port(std::string_view text)
{
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= 1 &&
           number <= 65535;
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

ConnInfo ConnInfo::pinned_to(const std::string& host, const std::string& address,
                             const std::string& port) const
{
    ConnInfo result = with("host", host).with("port", port);
    result.m_keywords.erase("hostaddr");
    return address.empty() ? result : result.with("hostaddr", address);
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
    text += has_several_hosts() ? places_part(places()) : place_part(host(), value("port"));
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

void forget_libpq_environment()
{
    constexpr std::array kept = {"PGSERVICEFILE", "PGSYSCONFDIR"};
    const OptionsHandle options(PQconndefaults());
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword;
         ++option) {
        const bool is_kept = option->envvar == nullptr ||
                             std::find_if(kept.begin(), kept.end(), [&](const char* name) {
                                 return std::string_view(name) == option->envvar;
                             }) != kept.end();
        if (!is_kept) {
            ::unsetenv(option->envvar);
        }
    }
}

void check_conn_info_text(std::string_view text)
{
    if (trimmed(text).empty()) {
        refuse("it is empty", fmt::format("write it like {}", example));
    }
    const bool has_control_character = std::any_of(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (has_control_character) {
        refuse("it contains a control character, such as a newline");
    }
    if (has_url_scheme(text)) {
        check_scheme(text);
        check_percent_escapes(text);
        check_encoding(text);
    } else if (text.find("://") != std::string_view::npos && text.find('=') > text.find("://")) {
        refuse("the scheme is neither \"postgresql\" nor \"postgres\"",
               fmt::format("write it like {}", example));
    }
}

std::string reason_for_unparsable(std::string_view text)
{
    if (!has_url_scheme(text)) {
        return fmt::format("cannot read the connection string: it is neither a URL like {} nor "
                           "keyword=value pairs that libpq knows",
                           example);
    }
    if (text.find('[') != std::string_view::npos && text.find(']') == std::string_view::npos) {
        return "cannot read the connection URL: \"[\" of an IPv6 address is never closed";
    }
    if (text.find('?') != std::string_view::npos) {
        return "cannot read the connection URL: what follows \"?\" is not key=value with keys that "
               "libpq knows";
    }
    return fmt::format("cannot read the connection URL: write it like {}", example);
}

void check_parsed_parts(std::string_view host, std::string_view port)
{
    if (host.find_first_of("@?#") != std::string_view::npos && !host.starts_with('@')) {
        refuse("the host contains a character that no host has", how_to_encode);
    }
    std::string_view rest = port;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        if (!one.empty() && !is_port(one)) {
            refuse("the port is not a number from 1 to 65535", how_to_encode);
        }
    }
}

} // namespace crudctl::pg
