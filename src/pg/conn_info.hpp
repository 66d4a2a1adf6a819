#pragma once

#include "support/text/secret.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::pg {

/// Where to connect, by libpq's keywords (host, port, user, dbname, sslmode …). A URL or a keyword
/// string is parsed once, by libpq, and never edited as text. Prints only without its password.
class ConnInfo {
public:
    /// One of the servers that are tried in turn.
    struct Place {
        std::string host;    // as set: a name, an address or a socket's folder; may be empty
        std::string address; // of hostaddr, which stands in for looking up the name; may be empty
        std::string port;
        bool is_unix_socket() const;
    };

    ConnInfo() = default;

    /// From postgres://, postgresql:// or "host=… dbname=…". Throws Error(configuration) which says
    /// what is wrong and where, but never quotes the text: it may hold a password in any place.
    static ConnInfo parse(const std::string& url_or_keywords);

    /// A copy with one keyword set. Throws Error(configuration) where this libpq does not know it;
    /// an empty value removes it.
    ConnInfo with(std::string_view keyword, std::string value) const;
    /// The same where it isn't set yet.
    ConnInfo with_default(std::string_view keyword, std::string value) const;
    ConnInfo with_database(std::string name) const { return with("dbname", std::move(name)); }
    ConnInfo with_password(Secret password) const;
    /// The same for a password that is made anew for each log-in; several threads may ask for one
    /// at once.
    ConnInfo with_password_source(std::function<Secret()> source) const;

    /// A keyword's value; nothing where it isn't set. Never the password.
    std::optional<std::string> value(std::string_view keyword) const;
    std::string database() const { return value("dbname").value_or(""); }
    std::string user() const { return value("user").value_or(""); }
    /// As set; empty is the default Unix socket.
    std::string host() const { return value("host").value_or(""); }
    std::string port() const { return value("port").value_or("5432"); }
    /// Where there is a source, a new one; throws what that throws.
    Secret password() const { return m_password_source ? m_password_source() : m_password; }

    bool is_unix_socket() const;
    /// The same, with the one server that answered in the place of all that were named. An empty
    /// address is a Unix socket's.
    ConnInfo pinned_to(const std::string& host, const std::string& address,
                       const std::string& port) const;
    /// More than one host: which server answers is not known before it does.
    bool has_several_hosts() const;
    /// In their order; at least one.
    std::vector<Place> places() const;

    /// "postgres@db:5432", "postgres@/run/postgresql:5433", "postgres@a:1,b:2": never a password.
    std::string server_text() const;

    /// A postgres:// URL of everything set, each part percent-encoded; with_password(show) is asked
    /// for by name since it puts the password into the text.
    enum class ShowPassword { no, yes };
    std::string url(ShowPassword show) const;

    const std::map<std::string, std::string, std::less<>>& keywords() const noexcept
    {
        return m_keywords;
    }

    /// The keywords that the libpq at hand knows (they differ from 14 to 18).
    static const std::vector<std::string>& known_keywords();

private:
    std::map<std::string, std::string, std::less<>> m_keywords; // without the password
    Secret m_password;
    std::function<Secret()> m_password_source;
};

/// Unsets every PG* variable of the process but PGSERVICEFILE and PGSYSCONFDIR (which only say
/// where a named service is looked up): libpq would otherwise fill each unset keyword from them,
/// and PGHOSTADDR silently leads elsewhere. The ones that count are turned into keywords before.
void forget_libpq_environment();

// libpq's own parse errors quote the text they could not read, password included. These look at
// the text first and name what is wrong and at which character, without quoting it.

/// Throws Error(configuration) for a wrong scheme, a single slash, a bad %XX, %00, a control
/// character, or an `@` or `/` that a password should have had encoded.
void check_conn_info_text(std::string_view text);

/// The message for a text that passed the check but that libpq refuses.
std::string reason_for_unparsable(std::string_view text);

/// Throws Error(configuration) where host or port came out as something that neither can be: the
/// sign of a password with an unencoded `/` or `@`.
void check_parsed_parts(std::string_view host, std::string_view port);

} // namespace crudctl::pg
