#include "pg/connect_failure.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

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

/// With a code, and what divides it from the message: `28P01: `.
bool begins_with_code(std::string_view text)
{
    constexpr std::size_t length = 5;
    const auto is_one = [](char c) { return is_upper_letter(c) || is_digit(c); };
    return text.substr(0, length).size() == length && consists_of(text.substr(0, length), is_one) &&
           text.substr(length).starts_with(": ");
}

/// The code behind the first severity: `FATAL:  28P01: `.
std::string sqlstate_in(std::string_view text)
{
    constexpr std::string_view separator = ":  ";
    for (auto at = text.find(separator); at != std::string_view::npos;
         at = text.find(separator, at + 1)) {
        const std::string_view rest = text.substr(at + separator.size());
        if (at > 0 && is_upper_letter(text[at - 1]) && begins_with_code(rest)) {
            return std::string(rest.substr(0, rest.find(':')));
        }
    }
    return {};
}

std::string without_codes(std::string text)
{
    constexpr std::string_view severity = "FATAL:  ";
    constexpr std::size_t code_length = 7;
    for (auto at = text.find(severity); at != std::string::npos; at = text.find(severity, at)) {
        if (begins_with_code(std::string_view(text).substr(at + severity.size()))) {
            text.erase(at, severity.size() + code_length);
        } else {
            at += severity.size();
        }
    }
    return text;
}

/// Where libpq tried to connect: each of its addresses has one in front of what it says of it.
struct TriedPlace {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string words; // "db 10.0.0.1 port 5432"
};

/// The place that begins there: `connection to server at "db" (10.0.0.1), port 5432 failed: `, or
/// `connection to server on socket "/run/.s.PGSQL.5432" failed: `.
std::optional<TriedPlace> place_at(std::string_view text, std::size_t begin)
{
    constexpr std::string_view ending = " failed: ";
    const auto end = text.find(ending, begin);
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view place = text.substr(begin, end - begin);
    const auto open = place.find('"');
    const auto close = place.rfind('"');
    if (open == close || place.find('\n') != std::string_view::npos) {
        return std::nullopt;
    }
    std::string rest(place.substr(close + 1));
    std::erase_if(rest, [](char c) { return c == '(' || c == ')' || c == ','; });
    return TriedPlace{begin, end + ending.size(),
                      std::string(place.substr(open + 1, close - open - 1)) + rest};
}

std::vector<TriedPlace> places_in(std::string_view text)
{
    constexpr std::string_view front = "connection to server ";
    std::vector<TriedPlace> places;
    for (auto at = text.find(front); at != std::string_view::npos; at = text.find(front, at)) {
        if (auto place = place_at(text, at)) {
            at = place->end;
            places.push_back(std::move(*place));
        } else {
            at += front.size();
        }
    }
    return places;
}

bool has_several_places(std::string_view text)
{
    std::set<std::string> places;
    for (const TriedPlace& place : places_in(text)) {
        places.insert(place.words);
    }
    return places.size() > 1;
}

/// Where libpq tried is only told where it was more than one place.
std::string with_short_places(const std::string& text)
{
    const bool are_told = has_several_places(text);
    std::string result;
    std::size_t done = 0;
    for (const TriedPlace& place : places_in(text)) {
        result += text.substr(done, place.begin - done);
        result += are_told ? place.words + ": " : std::string();
        done = place.end;
    }
    return result + text.substr(done);
}

/// The words of a line that goes on with the one before: `DETAIL:  …`, `HINT:  …`.
std::optional<std::string_view> words_of_more(std::string_view line)
{
    for (const std::string_view label : {"DETAIL:  ", "HINT:  "}) {
        if (line.starts_with(label)) {
            return line.substr(label.size());
        }
    }
    return std::nullopt;
}

/// In one line, without the code, the server's source location, and the questions that libpq adds
/// in lines of their own.
std::string one_line(const std::string& whole)
{
    const std::string text = without_codes(with_short_places(whole));
    std::string result;
    for (const std::string_view line : split_at('\n', text)) {
        const auto more = words_of_more(line);
        const std::string_view words = trimmed(more.value_or(line));
        if (line.starts_with("LOCATION:  ") || line.starts_with('\t') || words.empty()) {
            continue;
        }
        result += result.empty() ? "" : more ? ": " : "; ";
        result += words;
    }
    return result;
}

const Known* known_failure(const std::string& sqlstate, const std::string& text)
{
    const auto found =
        std::find_if(known_failures.begin(), known_failures.end(), [&](const Known& known) {
            return known.sqlstate == sqlstate && text.find(known.part) != std::string::npos;
        });
    return found == known_failures.end() ? nullptr : &*found;
}

/// What a server says has no bound, so it gets one here. What libpq says of twenty addresses fits.
std::string bounded(const std::string& text)
{
    constexpr std::size_t longest = 4000;
    return text.size() <= longest ? text : text.substr(0, longest) + " …";
}

std::string message_of(const ConnInfo& info, const std::string& reason)
{
    return fmt::format("cannot connect to \"{}\" as {}: {}", info.database(), info.server_text(),
                       reason);
}

} // namespace

ConnectError connect_error_of(const ConnInfo& info, const std::string& whole)
{
    const std::string text = bounded(whole);
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

std::string no_answer_text(std::chrono::seconds timeout)
{
    return fmt::format("{} {} s", no_answer, timeout.count());
}

ConnectError silence_error_of(const ConnInfo& info, std::chrono::seconds timeout)
{
    const std::string reason =
        fmt::format("it took the connection, but said nothing for {} s", timeout.count());
    return {message_of(info, reason),
            "what listens there may not be a Postgres server, or it hangs",
            "",
            may_pass,
            {Fault::not_postgres, reason}};
}

} // namespace crudctl::pg
