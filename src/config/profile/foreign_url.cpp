#include "config/profile/foreign_url.hpp"

#include "pg/conn_info.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

namespace crudctl::config {

namespace {

using std::string_view;

constexpr auto of_schema =
    std::to_array<string_view>({"schema", "currentSchema", "search_path", "schema_search_path"});

/// Pools, timeouts and caches of the drivers.
constexpr auto of_others = std::to_array<string_view>(
    {// Prisma
     "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "sslaccept",
     "sslidentity", "max_connection_lifetime", "max_idle_connection_lifetime", "pgbouncer",
     "single_use_connections",
     // node-postgres and postgres.js
     "uselibpqcompat", "statement_timeout", "query_timeout", "lock_timeout",
     "idle_in_transaction_session_timeout", "max", "idle_timeout", "max_lifetime", "prepare",
     // pgx
     "pool_max_conns", "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime",
     "pool_max_conn_lifetime_jitter", "pool_max_conn_idle_time", "pool_health_check_period",
     "default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
     "binary_parameters",
     // Rails and Django
     "pool", "encoding", "timeout", "checkout_timeout", "reaping_frequency", "prepared_statements",
     "statement_limit", "advisory_locks", "variables", "conn_max_age", "conn_health_checks",
     // SQLAlchemy's asyncpg
     "prepared_statement_cache_size",
     // JDBC
     "prepareThreshold", "reWriteBatchedInserts", "targetServerType", "socketTimeout",
     "loginTimeout", "tcpKeepAlive", "stringtype", "defaultRowFetchSize",
     "preparedStatementCacheQueries",
     // Migration tools and hosts
     "x-migrations-table", "x-statement-timeout", "x-multi-statement", "supa", "workaround"});

/// The same thing by libpq's name.
constexpr auto renamed =
    std::to_array<std::pair<string_view, string_view>>({{"ApplicationName", "application_name"},
                                                        {"connectTimeout", "connect_timeout"},
                                                        {"channelBinding", "channel_binding"}});

bool lists(const auto& list, string_view text)
{
    return std::ranges::find(list, text) != list.end();
}

/// libpq's mode for a driver's `ssl`.
std::string ssl_mode_for(string_view value)
{
    if (value == "false" || value == "0" || value == "disable") {
        return "disable";
    }
    constexpr auto modes =
        std::to_array<string_view>({"allow", "prefer", "require", "verify-ca", "verify-full"});
    return lists(modes, value) ? std::string(value) : "require"; // true, 1, no-verify
}

[[noreturn]] void refuse_unknown(string_view name)
{
    const auto meant = nearest(name, pg::ConnInfo::known_keywords());
    throw Error(ExitCode::configuration,
                fmt::format("unknown parameter \"{}\" in the connection URL",
                            printable(shortened(std::string(name), 64))),
                meant ? fmt::format("did you mean \"{}\"?", *meant)
                      : "take it out: it is neither libpq's nor another known tool's");
}

std::string decoded(string_view text)
{
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned code = 0;
        const bool is_escape = text[at] == '%' && at + 2 < text.size() &&
                               is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2]);
        if (is_escape) {
            std::from_chars(text.data() + at + 1, text.data() + at + 3, code, 16);
            at += 2;
        }
        result += is_escape ? static_cast<char>(code) : text[at];
    }
    return result;
}

/// A schema's exact name, as SET search_path takes it.
std::string quoted_name(const std::string& name)
{
    const bool is_plain = !name.empty() && !is_digit(name.front()) && consists_of(name, [](char c) {
        return is_lower_letter(c) || is_digit(c) || c == '_';
    });
    std::string result = "\"";
    for (const char c : name) {
        result += c == '"' ? "\"\"" : std::string(1, c);
    }
    return is_plain ? name : result + '"';
}

/// Prisma's `schema` is one name, the others are lists.
std::string search_path_of(string_view parameter, string_view value)
{
    const std::string text = decoded(value);
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
        throw Error(ExitCode::configuration,
                    fmt::format("the connection URL's {} contains a control character", parameter));
    }
    if (parameter == "schema") {
        return quoted_name(text);
    }
    std::string path;
    string_view rest = text;
    while (!rest.empty()) {
        const string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const string_view name = trimmed(one);
        const bool is_quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
        path += (path.empty() ? "" : ",") +
                quoted_name(std::string(is_quoted ? name.substr(1, name.size() - 2) : name));
    }
    return path;
}

class QueryReader {
public:
    explicit QueryReader(ForeignUrl& url) : m_url(url) {}

    void take(string_view pair)
    {
        const std::size_t equals = pair.find('=');
        const string_view name = pair.substr(0, equals);
        const string_view value =
            equals == string_view::npos ? string_view() : pair.substr(equals + 1);
        const auto* const other =
            std::ranges::find(renamed, name, [](const auto& one) { return one.first; });
        const bool is_odd = equals == string_view::npos || name.find('%') != string_view::npos;
        if (name == "sslmode" && value == "no-verify") {
            add("sslmode=require");
        } else if (is_odd || lists(pg::ConnInfo::known_keywords(), name)) {
            add(pair); // libpq says what is wrong with it
        } else if (lists(of_schema, name)) {
            m_url.search_path = search_path_of(name, value);
        } else if (name == "ssl") {
            add("sslmode=" + ssl_mode_for(value));
        } else if (other != renamed.end()) {
            add(fmt::format("{}={}", other->second, value));
        } else if (lists(of_others, name)) {
            m_url.is_pooled = m_url.is_pooled || (name == "pgbouncer" && value == "true");
            m_url.left_out.emplace_back(name);
        } else {
            refuse_unknown(name);
        }
    }

    const std::string& text() const noexcept { return m_text; }

private:
    void add(string_view pair)
    {
        m_text += m_text.empty() ? "?" : "&";
        m_text += pair;
    }

    ForeignUrl& m_url;
    std::string m_text;
};

/// "postgresql://…" of "jdbc:postgresql://…" and "postgresql+psycopg2://…".
std::string with_plain_scheme(string_view text)
{
    constexpr string_view jdbc = "jdbc:";
    if (text.starts_with(jdbc)) {
        text.remove_prefix(jdbc.size());
    }
    const std::size_t plus = text.find('+');
    const std::size_t colon = text.find("://");
    const bool has_driver = text.starts_with("postgres") && plus < colon;
    return has_driver ? "postgresql" + std::string(text.substr(colon)) : std::string(text);
}

} // namespace

ForeignUrl read_foreign_url(const std::string& text)
{
    ForeignUrl url;
    url.text = with_plain_scheme(text);
    const bool is_url = url.text.starts_with("postgres") && url.text.find("://") < 11;
    // A password may hold a question mark: it ends at the "@".
    const std::size_t at = std::min(url.text.rfind('@'), url.text.size());
    const std::size_t query = url.text.find('?', at == url.text.size() ? 0 : at);
    if (!is_url || query == std::string::npos) {
        return url;
    }
    QueryReader reader(url);
    string_view rest = string_view(url.text).substr(query + 1);
    while (!rest.empty()) {
        const string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        reader.take(pair);
    }
    url.text = url.text.substr(0, query) + reader.text();
    return url;
}

std::string search_path_option(string_view search_path)
{
    std::string escaped; // the server cuts options at blanks
    for (const char c : search_path) {
        escaped += c == ' ' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    return "-c search_path=" + escaped;
}

} // namespace crudctl::config
