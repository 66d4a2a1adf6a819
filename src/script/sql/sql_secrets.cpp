#include "script/sql/sql_secrets.hpp"

#include "script/sql/secret_finder.hpp"
#include "support/text/text.hpp"

#include <algorithm>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr string_view mask = "…";
constexpr string_view masked_literal = "'…'";
constexpr std::size_t least_value = 6; // of a secret that stands by itself: shorter ones are words

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
    for (const SecretFinder::Range& range : SecretFinder(text).ranges()) {
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
    for (const SecretFinder::Range& range : SecretFinder(sql).ranges()) {
        add(inside(sql.substr(range.begin, range.end - range.begin)));
    }
}

void SqlSecrets::add(string_view secret)
{
    std::string value(secret);
    if (value.empty()) {
        return;
    }
    m_values.insert(value);
    replace_all(value, "''", "'");
    m_values.insert(value);
    // To libpq a URL's password ends at the first '@': the rest comes back as the host's name.
    for (std::size_t at = value.find('@'); at < value.size(); at = value.find('@', at + 1)) {
        m_values.insert(value.substr(at + 1) + "@");
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
