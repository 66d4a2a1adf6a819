#pragma once

#include "support/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <libpq-fe.h>

namespace crudctl::pg {

/// The SQLSTATEs that crudctl decides by (Postgres manual, appendix A). Nobody matches message
/// text.
namespace sqlstate {
constexpr std::string_view undefined_object = "42704";
inline constexpr std::string_view syntax_error = "42601";
inline constexpr std::string_view invalid_password = "28P01";
inline constexpr std::string_view invalid_authorization = "28000";
inline constexpr std::string_view insufficient_privilege = "42501";
inline constexpr std::string_view duplicate_database = "42P04";
inline constexpr std::string_view missing_database = "3D000";
inline constexpr std::string_view object_in_use = "55006";
inline constexpr std::string_view lock_not_available = "55P03";
inline constexpr std::string_view cannot_connect_now = "57P03";
inline constexpr std::string_view too_many_connections = "53300";
inline constexpr std::string_view query_canceled = "57014";
// Of our own class.
inline constexpr std::string_view end_of_trial = "CR001";
inline constexpr std::string_view other_load = "CR002";
inline constexpr std::string_view wrong_state = "55000";
// A COMMIT inside of DO or CALL, in a transaction of others.
inline constexpr std::string_view invalid_termination = "2D000";
inline constexpr std::string_view read_only = "25006";
// How crudctl's own tests fail that travel with what they are about, by like_escape(): it takes no
// language that somebody may have dropped, and files hardly ever end with it.
inline constexpr std::string_view failed_test = "22025";
} // namespace sqlstate

/// Whether trying again could go better: a server that is starting, a network that is down.
enum class Outlook { final, may_pass };

/// What was wrong on the way to a session, where no SQLSTATE says so.
enum class Fault {
    other,
    no_tls,                // sslmode asks for it, and the server has none
    untrusted_certificate, // by an unknown authority, or expired
    wrong_host,            // the certificate is another one's
    no_root_certificate,   // to check the server's with
    no_common_tls,         // no version of TLS that both take
    not_postgres,          // something else listens there
    no_password,           // the server wants one, and none was given
    not_encrypted,         // nobody is let in without TLS, or nobody from here at all
    no_access,             // by pg_hba.conf
    no_log_in_right,       // of the role
};

struct Cause {
    Fault fault = Fault::other;
    std::string reason; // the message without what could not be done
};

/// No session: DNS, TCP, TLS or log-in failed. Exit code `connection`.
class ConnectError : public Error {
public:
    ConnectError(const std::string& message, std::string hint, std::string sqlstate,
                 Outlook outlook, Cause cause = {});

    /// What the server answered with; empty where no server answered.
    const std::string& sqlstate() const noexcept { return m_sqlstate; }
    bool may_pass() const noexcept { return m_outlook == Outlook::may_pass; }
    Fault fault() const noexcept { return m_cause.fault; }
    /// Why alone, for whoever has said what could not be done.
    std::string reason() const { return m_cause.reason.empty() ? what() : m_cause.reason; }

private:
    std::string m_sqlstate;
    Outlook m_outlook;
    Cause m_cause;
};

/// The fields of an error or a notice as the server sent them (libpq's PG_DIAG_*).
struct Diagnostic {
    std::string severity; // never translated
    std::string sqlstate;
    std::string primary;
    std::string detail;
    std::string hint;
    std::string context;
    std::optional<std::size_t> position; // 1-based, in characters, over the whole query string
    std::optional<std::size_t> internal_position;
    std::string internal_query;
    std::string schema;
    std::string table;
    std::string column;
    std::string constraint;
};

/// The server refused a statement. Exit code `failed`, or `busy` for a lock that was not to be had.
class ServerError : public Error {
public:
    /// failed_result: which of the query's statements it was, by how many had completed before it.
    ServerError(Diagnostic diagnostic, std::size_t failed_result);

    const Diagnostic& diagnostic() const noexcept { return m_diagnostic; }
    const std::string& sqlstate() const noexcept { return m_diagnostic.sqlstate; }
    std::size_t failed_result() const noexcept { return m_failed_result; }

private:
    Diagnostic m_diagnostic;
    std::size_t m_failed_result;
};

/// The session was lost in the middle: what was under way may or may not have happened.
class ConnectionLost : public Error {
public:
    explicit ConnectionLost(const std::string& message);
    /// The server said why it ends the session, while so many statements of a pipeline were done.
    ConnectionLost(const Diagnostic& reason, std::size_t completed);

    /// Nothing where the server gave no reason.
    const std::optional<std::size_t>& completed() const noexcept { return m_completed; }

private:
    std::optional<std::size_t> m_completed;
};

/// The loss of a session, in libpq's words.
ConnectionLost loss_of(const PGconn* session);

/// The fields of an error or notice that libpq keeps in a result.
Diagnostic diagnostic_of(const PGresult* result);

} // namespace crudctl::pg
