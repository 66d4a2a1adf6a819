#include "pg/connect_failure.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

/// A failure that can be told from others by what the server answered, or by words of libpq. These
/// are not translated, since crudctl never calls setlocale(); a server's own may be.
struct Known {
    std::string_view sqlstate; // empty: no server answered
    std::string_view part;     // of the message; empty: any
    Outlook outlook = Outlook::final;
    const char* words = ""; // in place of the message; empty: it speaks for itself
    const char* hint = "";
    Fault fault = Fault::other;
};

constexpr auto final = Outlook::final;
constexpr auto may_pass = Outlook::may_pass;
constexpr const char* no_answer = "no answer within";

/// The first that fits counts.
constexpr std::array known_failures = {
    Known{"28P01", "", final, "",
          "check the password: password_command, the URL, PGPASSWORD and the passfile are asked in "
          "this order"},
    Known{"28000", "PAM authentication", final, "",
          "where RDS lets this user in by IAM, auth = \"rds-iam\" in the profile makes the token"},
    Known{
        "28000", "no encryption", final, "",
        "the server may want TLS (sslmode=require in the URL), or its pg_hba.conf has no line for "
        "this user, database and address",
        Fault::not_encrypted},
    Known{"28000", "pg_hba.conf", final, "",
          "the server's pg_hba.conf must let this user in on this database from this address",
          Fault::no_access},
    Known{"28000", "Peer authentication", final, "",
          "over the socket the server lets in the system's user of that name alone; a host such as "
          "127.0.0.1 in the URL and a password may do"},
    Known{"28000", "is not permitted to log in", final, "",
          "as an administrator: ALTER ROLE … LOGIN; or is the user in the URL another one?",
          Fault::no_log_in_right},
    Known{"28000", "", final, "",
          "is the user in the URL right? The server does not let it in on this database from here"},
    Known{"42501", "", final, "", "as an administrator: GRANT CONNECT ON DATABASE … TO this role"},
    Known{"3D000", "", final, "", "`crudctl create` makes the database"},
    Known{"57P03", "", may_pass, "", "it is starting or stopping; --wait waits for it"},
    Known{"57P01", "", may_pass, "", "it is stopping; --wait waits for it"},
    Known{"53300", "", may_pass, "",
          "too many connections; `crudctl sessions` shows whose, once one is free"},
    Known{"", "could not translate host name", may_pass, "",
          "check the host name in the URL, and the network"},
    Known{"", "Connection refused", may_pass, "",
          "no server listens there: is it running, is the port right?"},
    Known{"", "No such file or directory", may_pass, "no server listens on that socket",
          "is it running? The host names the socket's folder, the port is part of its name"},
    Known{"", "unreachable", may_pass, "", "this machine has no way there: network, VPN or IPv6"},
    Known{"", "No route to host", may_pass, "",
          "this machine has no way there: network, VPN or firewall"},
    Known{"", no_answer, may_pass, "",
          "nothing answers there: a firewall or a security group may drop the packets"},
    Known{
        "", "no password supplied", final, "the server wants a password, and none was given",
        "give it in password_command, the URL, PGPASSWORD or a passfile; crudctl does not ask for "
        "passwords",
        Fault::no_password},
    Known{"", "server does not support SSL", final, "the server has no TLS, which sslmode asks for",
          "sslmode=disable or prefer in the URL, where the network may be trusted", Fault::no_tls},
    Known{"", "certificate verify failed", final, "the server's certificate cannot be trusted",
          "it is not signed by the root certificate in sslrootcert, or it has expired",
          Fault::untrusted_certificate},
    Known{"", "does not match host name", final, "",
          "the server's certificate is for another name than the URL's host", Fault::wrong_host},
    Known{"", "root certificate file", final,
          "there is no root certificate to check the server's certificate with",
          "sslrootcert names its file; ~/.postgresql/root.crt is looked for otherwise",
          Fault::no_root_certificate},
    Known{"", "invalid response to SSL negotiation", final,
          "what listens there does not speak Postgres' protocol", "is the port right?",
          Fault::not_postgres},
    Known{"", "expected authentication request", final,
          "what listens there does not speak Postgres' protocol", "is the port right?",
          Fault::not_postgres},
    Known{"", "protocol version", final, "",
          "server and client have no TLS version in common: ssl_min_protocol_version in the URL",
          Fault::no_common_tls},
    Known{"", "server closed the connection unexpectedly", may_pass,
          "the connection was closed before anything was said",
          "a proxy without a server behind it, one that takes nothing but TLS, or a server that is "
          "stopping"},
};

std::string sqlstate_in(const std::string& text)
{
    static const std::regex pattern("[A-Z]+:  ([0-9A-Z]{5}): ");
    std::smatch match;
    return std::regex_search(text, match, pattern) ? match[1].str() : std::string();
}

/// libpq begins with where it tried to connect, for each address.
const std::regex& tcp_place()
{
    static const std::regex pattern("connection to server at \"([^\n]*?)\"(?: \\(([^)\n]*)\\))?, "
                                    "port ([0-9]+) failed: ");
    return pattern;
}

const std::regex& socket_place()
{
    static const std::regex pattern("connection to server on socket \"([^\n]*?)\" failed: ");
    return pattern;
}

bool has_several_places(const std::string& text)
{
    std::set<std::string> places;
    for (const std::regex* pattern : {&tcp_place(), &socket_place()}) {
        for (std::sregex_iterator at(text.begin(), text.end(), *pattern), end; at != end; ++at) {
            places.insert(at->str());
        }
    }
    return places.size() > 1;
}

/// Where libpq tried is only told where it was more than one place.
std::string with_short_places(std::string text)
{
    const bool are_told = has_several_places(text);
    text = std::regex_replace(text, tcp_place(), are_told ? "$1 $2 port $3: " : "");
    text = std::regex_replace(text, socket_place(), are_told ? "$1: " : "");
    return std::regex_replace(text, std::regex(" +port "), " port ");
}

/// In one line, without the code, the server's source location, and the questions that libpq adds
/// in lines of their own.
std::string one_line(std::string text)
{
    text = std::regex_replace(text, std::regex("\nLOCATION:  [^\n]*|\n\t[^\n]*"), "");
    text = std::regex_replace(with_short_places(text), std::regex("FATAL:  [0-9A-Z]{5}: "), "");
    text = std::regex_replace(text, std::regex("\n(DETAIL|HINT):  "), ": ");
    text = std::string(trimmed(text));
    return std::regex_replace(text, std::regex("\\s*\n\\s*"), "; ");
}

const Known* known_failure(const std::string& sqlstate, const std::string& text)
{
    const auto found =
        std::find_if(known_failures.begin(), known_failures.end(), [&](const Known& known) {
            return known.sqlstate == sqlstate && text.find(known.part) != std::string::npos;
        });
    return found == known_failures.end() ? nullptr : &*found;
}

std::string message_of(const ConnInfo& info, const std::string& reason)
{
    return fmt::format("cannot connect to \"{}\" as {}: {}", info.database(), info.server_text(),
                       reason);
}

} // namespace

ConnectError connect_error_of(const ConnInfo& info, const std::string& text)
{
    const std::string sqlstate = sqlstate_in(text);
    const Known* known = known_failure(sqlstate, text);
    std::string reason = one_line(text);
    if (known == nullptr) {
        // What no server answered may be the network's; what it answered it will answer again.
        return {message_of(info, reason),
                "",
                sqlstate,
                sqlstate.empty() ? may_pass : final,
                {Fault::other, reason}};
    }
    if (!has_several_places(text) && *known->words != '\0') {
        reason = known->words;
    }
    return {
        message_of(info, reason), known->hint, sqlstate, known->outlook, {known->fault, reason}};
}

std::string no_answer_text(std::chrono::seconds patience)
{
    return fmt::format("{} {} s", no_answer, patience.count());
}

ConnectError silence_error_of(const ConnInfo& info, std::chrono::seconds patience)
{
    const std::string reason =
        fmt::format("it took the connection, but said nothing for {} s", patience.count());
    return {message_of(info, reason),
            "what listens there may not be a Postgres server, or it hangs",
            "",
            may_pass,
            {Fault::not_postgres, reason}};
}

} // namespace crudctl::pg
