#include "pg/diagnostic.hpp"

#include "pg/conn_info.hpp"
#include "support/text.hpp"

#include <array>
#include <charconv>
#include <regex>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

std::string field(const PGresult* result, int code)
{
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

std::optional<std::size_t> number_field(const PGresult* result, int code)
{
    const std::string digits = field(result, code);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return error == std::errc() && value > 0 ? std::optional(value) : std::nullopt;
}

struct Known {
    std::string_view sqlstate;
    const char* hint;
};

/// What helps for what a server answers at log-in (POSIX-locale or not, the code is the same).
constexpr std::array known_refusals = {
    Known{"28P01", "check the password: password_command, the URL, PGPASSWORD and the passfile are "
                   "asked in this order"},
    Known{"28000",
          "the server's pg_hba.conf has no entry for this user, database, address and TLS"},
    Known{"3D000", "`crudctl create` makes the database"},
    Known{"57P03", "it is starting or stopping; --wait waits for it"},
    Known{"53300", "too many connections; `crudctl sessions` shows whose, once one is free"},
};

struct KnownText {
    const char* part;
    const char* hint;
};

/// Failures that no server answered: libpq has only words for them, and it is not translated here,
/// since crudctl never calls setlocale().
constexpr std::array known_failures = {
    KnownText{"could not translate host name", "check the host name in the URL, and the network"},
    KnownText{"Connection refused", "no server listens there: is it running, is the port right?"},
    KnownText{"timeout expired", "nothing answers there: a firewall or a security group may drop "
                                 "the packets"},
    KnownText{"no password supplied", "give it in password_command, the URL, PGPASSWORD or a "
                                      "passfile; crudctl does not ask for passwords"},
    KnownText{"server does not support SSL", "the server has no TLS: sslmode=disable or prefer in "
                                             "the URL, where the network may be trusted"},
    KnownText{"certificate verify failed", "the server's certificate is not signed by the root "
                                           "certificate in sslrootcert"},
    KnownText{"does not match host name",
              "the certificate is for another name than the URL's host"},
    KnownText{"root certificate file", "sslrootcert names the file with the root certificate that "
                                       "sslmode=verify-full needs"},
    KnownText{"invalid response to SSL negotiation", "what listens there is not a Postgres server"},
    KnownText{"No such file or directory", "no server listens on that socket: is it running?"},
};

std::string sqlstate_in(const std::string& text)
{
    static const std::regex pattern("[A-Z]+:  ([0-9A-Z]{5}): ");
    std::smatch match;
    return std::regex_search(text, match, pattern) ? match[1].str() : std::string();
}

/// libpq's verbose text in one line: without the code, the server's source location, and libpq's
/// own preamble, which repeats host and port.
std::string one_line(std::string text)
{
    text = std::regex_replace(text, std::regex("\n?LOCATION:  [^\n]*"), "");
    text = std::regex_replace(
        text, std::regex("connection to server (at|on socket) [^\n]*? failed: "), "");
    text = std::regex_replace(text, std::regex("FATAL:  [0-9A-Z]{5}: "), "");
    text = std::regex_replace(text, std::regex("\n(DETAIL|HINT):  "), ": ");
    text = std::string(trimmed(text));
    return std::regex_replace(text, std::regex("\\s*\n\\s*"), "; ");
}

std::string hint_for(const std::string& sqlstate, const std::string& text)
{
    for (const Known& known : known_refusals) {
        if (known.sqlstate == sqlstate) {
            return known.hint;
        }
    }
    for (const KnownText& known : known_failures) {
        if (text.find(known.part) != std::string::npos) {
            return known.hint;
        }
    }
    return {};
}

} // namespace

Diagnostic diagnostic_of(const PGresult* result)
{
    Diagnostic diagnostic;
    diagnostic.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    diagnostic.sqlstate = field(result, PG_DIAG_SQLSTATE);
    diagnostic.primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    diagnostic.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    diagnostic.hint = field(result, PG_DIAG_MESSAGE_HINT);
    diagnostic.context = field(result, PG_DIAG_CONTEXT);
    diagnostic.position = number_field(result, PG_DIAG_STATEMENT_POSITION);
    diagnostic.internal_position = number_field(result, PG_DIAG_INTERNAL_POSITION);
    diagnostic.internal_query = field(result, PG_DIAG_INTERNAL_QUERY);
    diagnostic.schema = field(result, PG_DIAG_SCHEMA_NAME);
    diagnostic.table = field(result, PG_DIAG_TABLE_NAME);
    diagnostic.column = field(result, PG_DIAG_COLUMN_NAME);
    diagnostic.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    return diagnostic;
}

ConnectError connect_error_of(const ConnInfo& info, const std::string& text)
{
    const std::string sqlstate = sqlstate_in(text);
    return {fmt::format("cannot connect to \"{}\" as {}: {}", info.database(), info.server_text(),
                        one_line(text)),
            hint_for(sqlstate, text), sqlstate};
}

} // namespace crudctl::pg
