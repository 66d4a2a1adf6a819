#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

// Secrets that stand in SQL are shown as '…', wherever SQL is shown to people or programs: the
// literal behind PASSWORD and its like, all literals of CREATE and ALTER ROLE, password=… in a
// connection string, the password in a URL, what a function whose name has "crypt", "secret",
// "credential" or "hmac" in it is given, what is inserted where a column is named like one, the
// token of a Bearer or Basic header, what \set gives a variable that is named like one or that
// stands behind PASSWORD. A text may begin and end in the middle of a statement: what looks like a
// secret counts as one.

/// A text and a place in it, after the secrets are gone; each line stays a line.
struct MaskedSql {
    std::string text;
    std::size_t at = 0;
};
MaskedSql masked_sql(std::string_view text, std::size_t at);
std::string masked_sql(std::string_view text);

/// Whether a variable of that name is taken to hold one.
bool names_secret(std::string_view variable);

/// Masks what the server says about statements: their secrets may be repeated anywhere in it.
class SqlSecrets {
public:
    SqlSecrets() = default;
    explicit SqlSecrets(std::string_view sql) { note(sql); }

    void note(std::string_view sql);
    /// One itself.
    void add(std::string_view secret);
    std::string masked(std::string_view text) const;

private:
    std::set<std::string> m_values;
};

} // namespace crudctl::script
