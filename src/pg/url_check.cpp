#include "pg/url_check.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace crudctl::pg {

namespace {

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
