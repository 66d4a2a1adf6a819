#include "script/sql/sql_secrets.hpp"

#include "script/sql/character_class.hpp"
#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr string_view mask = "…";
constexpr string_view masked_literal = "'…'";
constexpr std::size_t least_value = 6; // of a secret that stands by itself: shorter ones are words

constexpr std::array<string_view, 11> secret_endings = {
    "password",   "passwd", "passphrase", "secret",      "token",        "api_key",
    "access_key", "apikey", "secret_key", "private_key", "authorization"};

// How the names of functions end that are given one: create_secret, pgp_sym_encrypt, hmac.
constexpr std::array<string_view, 7> secret_calls = {
    "crypt", "encrypt", "decrypt", "secret", "credential", "credentials", "hmac"};

constexpr std::size_t least_token = 8; // of a Bearer header: shorter ones are words

bool ends_secretly(string_view word)
{
    return std::ranges::any_of(secret_endings,
                               [&](string_view ending) { return word.ends_with(ending); });
}

constexpr std::array<string_view, 7> secret_parts = {"pass",   "pw",      "secret",    "token",
                                                     "apikey", "api_key", "credential"};

struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// Finds what must not be shown.
class Finder {
public:
    explicit Finder(string_view text) : m_text(text) { find_literals(); }

    std::vector<Range> ranges()
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

private:
    /// What stands between quotes, as far as that can be told from here.
    void find_literals()
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

    /// The literal whose closing quote that is.
    std::optional<Range> literal_that_ends(std::size_t quote) const
    {
        const auto found = std::ranges::lower_bound(m_literals, quote + 1, {}, &Range::end);
        const bool ends =
            found != m_literals.end() && found->end == quote + 1 && found->begin < quote;
        return ends ? std::optional(*found) : std::nullopt;
    }

    /// ('password', 'x'): a key and its value.
    void take_next_of(const Range& key)
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

    std::size_t word_end(std::size_t at) const
    {
        while (continues_tag(at_or_nul(m_text, at))) {
            ++at;
        }
        return at;
    }

    std::string word_at(std::size_t at) const
    {
        return lower_ascii(m_text.substr(at, word_end(at) - at));
    }

    void take_word(std::size_t begin, std::size_t end)
    {
        const std::string word = lower_ascii(m_text.substr(begin, end - begin));
        if (ends_secretly(word)) {
            take_value(end);
        } else if ((word == "create" || word == "alter") && !is_in_comment(begin)) {
            take_role(end);
        } else if (word == "into") {
            take_insert(end);
        } else if (word == "bearer") { // in a header
            const std::size_t value = skip_blanks(m_text, end);
            const std::size_t end_of_token = bare_end(value);
            add(value, end_of_token - value < least_token ? value : end_of_token);
        }
        if (std::ranges::any_of(secret_calls,
                                [&](string_view ending) { return word.ends_with(ending); })) {
            take_arguments(end);
        }
    }

    /// INTO table (columns) VALUES (…), …: of each row what goes into a column that is named like a
    /// secret.
    void take_insert(std::size_t at)
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

    void take_rows(std::size_t at, const std::vector<bool>& secret)
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

    /// All literals between the parentheses of a call, but for the kind of salt.
    void take_arguments(std::size_t at)
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

    /// Behind the word PASSWORD.
    void take_value(std::size_t at)
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
        }
    }

    void take_assigned(std::size_t at, bool may_be_bare)
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

    /// 'password=' || …, concat('password=', …): the string ends there, and something is added.
    bool is_put_together(std::size_t quote) const
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

    /// Up to a blank or a quote; a doubled quote inside is one of the value.
    std::size_t bare_end(std::size_t at) const
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

    /// Whether a connection string's other keywords stand before it.
    bool names_connection(std::size_t at) const
    {
        const string_view before =
            m_text.substr(at - std::min<std::size_t>(at, 120), std::min<std::size_t>(at, 120));
        return std::ranges::any_of(
            std::array<string_view, 4>{"host=", "user=", "dbname=", "port="},
            [&](string_view key) { return before.find(key) != string_view::npos; });
    }

    /// CREATE ROLE, ALTER USER …: whatever literal there may be meant as its password.
    void take_role(std::size_t at)
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

    /// All of them up to the statement's end.
    void take_literals(std::size_t at)
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

    /// PASSWORD "x", PASSWORD x: what is no literal is refused by the server, and yet a secret.
    void take_slip(std::size_t at)
    {
        at = skip_blanks(m_text, at);
        if (at_or_nul(m_text, at) == '"') {
            add(at, std::min(m_text.find('"', at + 1), m_text.size() - 1) + 1);
        } else if (continues_tag(at_or_nul(m_text, at)) && word_at(at) != "null") {
            add(at, std::min(m_text.find_first_of(" \t\r\n;", at), m_text.size()));
        }
    }

    void take_all_literals()
    {
        for (const Range& literal : m_literals) {
            add(literal.begin, literal.end);
            if (literal.begin > 0 && m_text[literal.begin - 1] == ':') { // psql's variable
                m_variables.insert(word_at(literal.begin + 1));
            }
        }
    }

    void take_symbol(std::size_t at)
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

    /// \set NAME value
    void take_settings()
    {
        for (std::size_t at : m_settings) {
            at = m_text.find_first_not_of(" \t", at);
            if (at == string_view::npos) {
                continue;
            }
            const std::string name = word_at(at);
            const bool is_secret = m_variables.contains(name) ||
                                   std::ranges::any_of(secret_parts, [&](string_view part) {
                                       return name.find(part) != std::string::npos;
                                   });
            const std::size_t end = std::min(m_text.find('\n', at), m_text.size());
            const std::size_t value = m_text.find_first_not_of(" \t\r", word_end(at));
            if (is_secret && value < end) {
                add(value, end);
            }
        }
    }

    bool is_in_comment(std::size_t at) const
    {
        const std::size_t line = m_text.substr(0, at).rfind('\n') + 1; // 0 where there is none
        const string_view before = m_text.substr(line, at - line);
        return before.find("--") != string_view::npos && before.find("*/") == string_view::npos;
    }

    void add(std::size_t begin, std::size_t end)
    {
        if (begin < end) {
            m_ranges.push_back({begin, end});
        }
    }

    std::vector<Range> merged()
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

    string_view m_text;
    std::size_t m_resume = 0;
    bool m_is_built_at_run_time = false; // from literals that may stand anywhere
    std::vector<Range> m_literals;
    std::vector<Range> m_ranges;
    std::vector<std::size_t> m_settings;
    std::set<std::string> m_variables; // that stand behind PASSWORD
};

/// What is shown instead; the lines stay.
std::string masked_range(string_view secret)
{
    std::string shown(secret.ends_with('\'') ? masked_literal : mask);
    for (std::size_t at = secret.find('\n'); at != string_view::npos;
         at = secret.find('\n', at + 1)) {
        shown += '\n';
        shown += mask;
    }
    return shown;
}

/// The text between the quotes of a literal, or all of it.
std::string_view inside(string_view secret)
{
    if (secret.size() > 2 && secret.starts_with('"') && secret.ends_with('"')) {
        return secret.substr(1, secret.size() - 2);
    }
    const std::size_t begin = secret.find('\'');
    if (begin == string_view::npos || begin > 2 || !secret.ends_with('\'')) {
        return secret;
    }
    secret.remove_prefix(std::min(secret.find_first_not_of('\'', begin), secret.size()));
    return secret.substr(0, secret.find_last_not_of('\'') + 1);
}

void replace_all(std::string& text, const std::string& value, string_view by)
{
    for (std::size_t at = text.find(value); at != std::string::npos;
         at = text.find(value, at + by.size())) {
        text.replace(at, value.size(), by);
    }
}

} // namespace

MaskedSql masked_sql(string_view text, std::size_t at)
{
    MaskedSql masked;
    masked.at = at;
    std::size_t copied = 0;
    for (const Range& range : Finder(text).ranges()) {
        masked.text += text.substr(copied, range.begin - copied);
        const std::string shown = masked_range(text.substr(range.begin, range.end - range.begin));
        if (at >= range.end) {
            masked.at += shown.size();
            masked.at -= range.end - range.begin;
        } else if (at >= range.begin) { // on the same line of it
            std::size_t place = 0;
            const string_view before = text.substr(range.begin, at - range.begin);
            for (auto lines = std::ranges::count(before, '\n'); lines > 0; --lines) {
                place = shown.find('\n', place) + 1;
            }
            masked.at = masked.text.size() + place;
        }
        masked.text += shown;
        copied = range.end;
    }
    masked.text += text.substr(copied);
    return masked;
}

std::string masked_sql(string_view text)
{
    return masked_sql(text, 0).text;
}

void SqlSecrets::note(string_view sql)
{
    for (const Range& range : Finder(sql).ranges()) {
        std::string value(inside(sql.substr(range.begin, range.end - range.begin)));
        if (value.empty()) {
            continue;
        }
        m_values.insert(value);
        replace_all(value, "''", "'");
        m_values.insert(value);
        // To libpq a URL's password ends at the first '@': the rest comes back as the host's name.
        for (std::size_t at = value.find('@'); at < value.size(); at = value.find('@', at + 1)) {
            m_values.insert(value.substr(at + 1) + "@");
        }
    }
}

std::string SqlSecrets::masked(string_view text) const
{
    std::string masked = masked_sql(text);
    for (const std::string& value : m_values) {
        replace_all(masked, "'" + value + "'", masked_literal);
        replace_all(masked, "\"" + value + "\"", "\"…\"");
        if (value.size() >= least_value || value.ends_with('@')) {
            replace_all(masked, value, mask);
        }
    }
    return masked;
}

} // namespace crudctl::script
