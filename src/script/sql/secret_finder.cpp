#include "script/sql/secret_finder.hpp"

#include "script/sql/character_class.hpp"
#include "script/sql/literal.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>

namespace crudctl::script {

using std::string_view;

namespace {

constexpr std::array<string_view, 12> secret_endings = {
    "password", "passwd",     "pwd",    "passphrase", "secret",      "token",
    "api_key",  "access_key", "apikey", "secret_key", "private_key", "authorization"};

// How the names of functions end that are given one: create_secret, pgp_sym_encrypt, hmac.
constexpr std::array<string_view, 7> secret_calls = {
    "crypt", "encrypt", "decrypt", "secret", "credential", "credentials", "hmac"};

constexpr std::size_t least_token = 8; // of a header: shorter ones are words

bool ends_secretly(string_view word)
{
    return std::ranges::any_of(secret_endings,
                               [&](string_view ending) { return word.ends_with(ending); });
}

constexpr std::array<string_view, 7> secret_parts = {"pass",   "pw",      "secret",    "token",
                                                     "apikey", "api_key", "credential"};

} // namespace

bool names_secret(string_view variable)
{
    const std::string name = lower_ascii(variable);
    return std::ranges::any_of(
        secret_parts, [&](string_view part) { return name.find(part) != std::string::npos; });
}

SecretFinder::SecretFinder(string_view text) : m_text(text)
{
    find_literals();
}

std::vector<SecretFinder::Range> SecretFinder::ranges()
{
    for (std::size_t at = 0; at < m_text.size();) {
        if (starts_name(m_text[at])) {
            const std::size_t end = word_end(at);
            take_word(at, end);
            at = std::max(end, m_resume);
        } else {
            take_symbol(at);
            ++at;
        }
    }
    if (m_is_built_at_run_time) {
        take_all_literals();
    }
    take_settings();
    return merged();
}

void SecretFinder::find_literals()
{
    for (std::size_t at = 0; at < m_text.size();) {
        at = skip_blanks(m_text, at);
        const auto end = at_or_nul(m_text, at) == '$' ? std::nullopt : literal_end(m_text, at);
        if (end) {
            m_literals.push_back({at, *end});
        }
        at = end ? *end : starts_name(at_or_nul(m_text, at)) ? word_end(at) : at + 1;
    }
}

std::optional<SecretFinder::Range> SecretFinder::literal_that_ends(std::size_t quote) const
{
    const auto found = std::ranges::lower_bound(m_literals, quote + 1, {}, &Range::end);
    const bool ends = found != m_literals.end() && found->end == quote + 1 && found->begin < quote;
    return ends ? std::optional(*found) : std::nullopt;
}

void SecretFinder::take_next_of(const Range& key)
{
    const string_view text = m_text.substr(key.begin, key.end - key.begin);
    std::size_t at = skip_blanks(m_text, key.end);
    if (at_or_nul(m_text, at) != ',' || std::ranges::any_of(text, is_blank)) {
        return;
    }
    at = skip_blanks(m_text, at + 1);
    if (const auto end = literal_end(m_text, at)) {
        add(at, *end);
    }
}

std::size_t SecretFinder::word_end(std::size_t at) const
{
    while (continues_tag(at_or_nul(m_text, at))) {
        ++at;
    }
    return at;
}

std::string SecretFinder::word_at(std::size_t at) const
{
    return lower_ascii(m_text.substr(at, word_end(at) - at));
}

void SecretFinder::take_word(std::size_t begin, std::size_t end)
{
    const std::string word = lower_ascii(m_text.substr(begin, end - begin));
    if (ends_secretly(word)) {
        take_value(end);
    } else if ((word == "create" || word == "alter") && !is_in_comment(begin)) {
        take_role(end);
    } else if (word == "into") {
        take_insert(end);
    } else if (word == "bearer" || word == "basic") { // in a header
        const std::size_t value = skip_blanks(m_text, end);
        const std::size_t end_of_token = bare_end(value);
        add(value, end_of_token - value < least_token ? value : end_of_token);
    }
    if (std::ranges::any_of(secret_calls,
                            [&](string_view ending) { return word.ends_with(ending); })) {
        take_arguments(end);
    }
}

void SecretFinder::take_insert(std::size_t at)
{
    at = std::min(m_text.find_first_of("(;'", at), m_text.size());
    if (at_or_nul(m_text, at) != '(') {
        return;
    }
    std::vector<bool> secret;
    std::size_t end = at + 1;
    for (std::size_t begin = end; end < m_text.size() && begin != 0; ++end) {
        const bool closes = m_text[end] == ')';
        if (closes || m_text[end] == ',') {
            string_view column = trimmed(m_text.substr(begin, end - begin));
            column = column.ends_with('"') ? column.substr(0, column.size() - 1) : column;
            secret.push_back(ends_secretly(lower_ascii(column)));
            begin = closes ? 0 : end + 1;
        }
    }
    end = skip_blanks(m_text, end);
    if (word_at(end) == "values" && std::ranges::find(secret, true) != secret.end()) {
        take_rows(word_end(end), secret);
    }
}

void SecretFinder::take_rows(std::size_t at, const std::vector<bool>& secret)
{
    std::size_t depth = 0;
    std::size_t column = 0;
    for (; at < m_text.size() && m_text[at] != ';'; ++at) {
        if (const auto end = literal_end(m_text, at)) {
            if (column < secret.size() && secret[column]) {
                add(at, *end);
            }
            at = *end - 1;
        } else if (m_text[at] == '(') {
            column = depth == 0 ? 0 : column;
            ++depth;
        } else if (m_text[at] == ')' && depth > 0) {
            --depth;
        } else if (m_text[at] == ',' && depth == 1) {
            ++column;
        }
    }
}

void SecretFinder::take_arguments(std::size_t at)
{
    at = skip_blanks(m_text, at);
    if (at_or_nul(m_text, at) != '(') {
        return;
    }
    std::size_t depth = 0;
    for (; at < m_text.size() && m_text[at] != ';'; ++at) {
        if (const auto end = literal_end(m_text, at)) {
            add(at, *end);
            at = *end - 1;
            continue;
        }
        if (starts_name(m_text[at])) {
            const bool is_salt = word_at(at) == "gen_salt";
            at = word_end(at) - 1;
            at = is_salt ? std::min(m_text.find(')', at), m_text.size() - 1) : at;
            continue;
        }
        depth += m_text[at] == '(' ? 1 : 0;
        depth -= m_text[at] == ')' ? 1 : 0;
        if (depth == 0) {
            return;
        }
    }
}

void SecretFinder::take_value(std::size_t at)
{
    if (const auto key = literal_that_ends(at)) {
        take_next_of(*key);
        return;
    }
    const bool is_adjacent = at_or_nul(m_text, at) == '=';
    at = skip_blanks(m_text, at + (at_or_nul(m_text, at) == '"' ? 1 : 0));
    const char sign = at_or_nul(m_text, at);
    if (sign == '=' || (sign == ':' && at_or_nul(m_text, at + 1) == '=')) {
        at += sign == ':' ? 2 : 1;
        at += at_or_nul(m_text, at) == '>' ? 1 : 0;
        take_assigned(at, is_adjacent || names_connection(at));
    } else if (const auto end = literal_end(m_text, at)) {
        add(at, *end);
        const char next = at_or_nul(m_text, skip_blanks(m_text, at + 1));
        if (next == '|' || next == ',' || next == ')') { // it may have closed a string
            take_literals(at + 1);
        } else {
            m_resume = *end; // no word of a secret counts
        }
    } else if (sign == '%') { // format('… password %L', …)
        m_is_built_at_run_time = true;
    } else if (const std::size_t value = skip_blanks(m_text, at + 1);
               sign == ':' && at_or_nul(m_text, value) == '"') { // in JSON
        add(value, std::min(m_text.find('"', value + 1), m_text.size() - 1) + 1);
    } else if (sign == ':') {
        const std::size_t name = at + (at_or_nul(m_text, at + 1) == '\'' ? 2 : 1);
        m_variables.insert(word_at(name));
    } else if (sign == ',' || sign == ')') {
        take_list(at);
    } else if (starts_name(sign)) {
        take_declared(at);
    }
}

void SecretFinder::take_list(std::size_t at)
{
    at = m_text.find_first_of("();'", at);
    if (at == string_view::npos || m_text[at] != ')') {
        return;
    }
    const std::size_t sign = skip_blanks(m_text, at + 1);
    const std::size_t values = skip_blanks(m_text, sign + 1);
    if (at_or_nul(m_text, sign) != '=' || at_or_nul(m_text, values) != '(') {
        return;
    }
    if (at_or_nul(m_text, m_text.find_first_of(")'", values)) == '\'') {
        take_arguments(values);
    } else { // what the server says of a key
        add(values + 1, std::min(m_text.find_first_of(")\n", values), m_text.size()));
    }
}

void SecretFinder::take_declared(std::size_t at)
{
    const std::size_t end = std::min(m_text.find_first_of(";=,'\"\n", at), m_text.size());
    if (end > at && at_or_nul(m_text, end) == '=' && m_text[end - 1] == ':') {
        take_assigned(end + 1, false);
    }
}

void SecretFinder::take_assigned(std::size_t at, bool may_be_bare)
{
    const std::size_t value = skip_blanks(m_text, at);
    if (at_or_nul(m_text, value) == '%' || is_put_together(value)) {
        m_is_built_at_run_time = true;
    } else if (const auto end = literal_end(m_text, value)) {
        add(value, *end);
    } else if (starts_name(at_or_nul(m_text, value)) &&
               at_or_nul(m_text, skip_blanks(m_text, word_end(value))) == '(') {
        take_arguments(word_end(value)); // password = md5('x')
    } else if (may_be_bare || value == at) {
        add(value, bare_end(value));
    }
}

bool SecretFinder::is_put_together(std::size_t quote) const
{
    std::size_t end = quote;
    while (at_or_nul(m_text, end) == '\'') {
        ++end;
    }
    const bool closes = end - quote == 1 ? literal_that_ends(quote).has_value()
                                         : (end - quote) % 2 == 0; // inside another string
    const char next = at_or_nul(m_text, skip_blanks(m_text, end));
    return end > quote && closes && (next == '|' || next == ',');
}

std::size_t SecretFinder::bare_end(std::size_t at) const
{
    for (; at < m_text.size() && !is_blank(m_text[at]) && m_text[at] != '"'; ++at) {
        if (m_text[at] == '\\') {
            ++at;
        } else if (m_text[at] == '\'') {
            const char behind = at_or_nul(m_text, at + 2);
            if (at_or_nul(m_text, at + 1) != '\'' || !continues_tag(behind)) {
                break;
            }
            ++at;
        }
    }
    return std::min(at, m_text.size());
}

bool SecretFinder::names_connection(std::size_t at) const
{
    const string_view before =
        m_text.substr(at - std::min<std::size_t>(at, 120), std::min<std::size_t>(at, 120));
    return std::ranges::any_of(
        std::array<string_view, 4>{"host=", "user=", "dbname=", "port="},
        [&](string_view key) { return before.find(key) != string_view::npos; });
}

void SecretFinder::take_role(std::size_t at)
{
    at = skip_blanks(m_text, at);
    const std::string kind = word_at(at);
    if (kind != "role" && kind != "user" && kind != "group") {
        return;
    }
    at = skip_blanks(m_text, word_end(at));
    if (word_at(at) != "mapping") {
        take_literals(at);
    }
}

void SecretFinder::take_literals(std::size_t at)
{
    while (at < m_text.size() && m_text[at] != ';') {
        at = skip_blanks(m_text, at);
        if (const auto end = literal_end(m_text, at)) {
            add(at, *end);
            if (at > 0 && m_text[at - 1] == ':') { // psql's variable
                m_variables.insert(word_at(at + 1));
            }
            at = *end;
        } else if (starts_name(at_or_nul(m_text, at))) {
            const std::size_t end_of_word = word_end(at);
            if (word_at(at) == "password") {
                take_slip(end_of_word);
            }
            at = end_of_word;
        } else if (at_or_nul(m_text, at) != ';') {
            ++at;
        }
    }
}

void SecretFinder::take_slip(std::size_t at)
{
    at = skip_blanks(m_text, at);
    if (at_or_nul(m_text, at) == '"') {
        add(at, std::min(m_text.find('"', at + 1), m_text.size() - 1) + 1);
    } else if (continues_tag(at_or_nul(m_text, at)) && word_at(at) != "null") {
        add(at, std::min(m_text.find_first_of(" \t\r\n;", at), m_text.size()));
    }
}

void SecretFinder::take_all_literals()
{
    for (const Range& literal : m_literals) {
        add(literal.begin, literal.end);
        if (literal.begin > 0 && m_text[literal.begin - 1] == ':') { // psql's variable
            m_variables.insert(word_at(literal.begin + 1));
        }
    }
}

void SecretFinder::take_symbol(std::size_t at)
{
    if (m_text.substr(at, 3) == "://") {
        const std::size_t end = std::min(m_text.find_first_of(" \t\r\n'\"", at), m_text.size());
        const std::size_t sign = m_text.substr(0, end).rfind('@');
        const std::size_t colon = m_text.find(':', at + 3);
        if (sign != string_view::npos && sign > at && colon < sign) {
            add(colon + 1, sign);
        }
    }
    for (const string_view command : {"\\set", "\\setenv"}) {
        if (m_text.substr(at, command.size()) == command &&
            is_blank(at_or_nul(m_text, at + command.size()))) {
            m_settings.push_back(at + command.size());
        }
    }
}

void SecretFinder::take_settings()
{
    for (std::size_t at : m_settings) {
        at = m_text.find_first_not_of(" \t", at);
        if (at == string_view::npos) {
            continue;
        }
        const std::string name = word_at(at);
        const bool is_secret = m_variables.contains(name) || names_secret(name);
        const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
        const std::size_t value = m_text.find_first_not_of(" \t\r", word_end(at));
        if (is_secret && value < end) {
            add(value, end);
        }
    }
}

bool SecretFinder::is_in_comment(std::size_t at) const
{
    const std::size_t line = m_text.substr(0, at).rfind('\n') + 1; // 0 where there is none
    const string_view before = m_text.substr(line, at - line);
    return before.find("--") != string_view::npos && before.find("*/") == string_view::npos;
}

void SecretFinder::add(std::size_t begin, std::size_t end)
{
    if (begin < end) {
        m_ranges.push_back({begin, end});
    }
}

std::vector<SecretFinder::Range> SecretFinder::merged()
{
    std::ranges::sort(m_ranges, {}, &Range::begin);
    std::vector<Range> merged;
    for (const Range& range : m_ranges) {
        if (!merged.empty() && range.begin < merged.back().end) {
            merged.back().end = std::max(merged.back().end, range.end);
        } else {
            merged.push_back(range);
        }
    }
    return merged;
}

} // namespace crudctl::script
