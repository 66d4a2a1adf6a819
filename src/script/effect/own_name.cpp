#include "script/effect/own_name.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr auto catalog_columns = std::to_array<string_view>(
    {"information_schema_catalog_name", "catalog_name", "table_catalog", "specific_catalog",
     "routine_catalog", "constraint_catalog", "udt_catalog"});

constexpr auto written_by = std::to_array<string_view>(
    {"insert", "merge", "copy", "update", "refresh", "perform", "call", "execute"});
constexpr auto row_queries = std::to_array<string_view>({"select", "with", "values", "execute"});

/// In any case. Most texts have few underscores, and are done at once.
bool has_before_underscore(string_view text, string_view word)
{
    for (std::size_t at = text.find('_'); at != string_view::npos; at = text.find('_', at + 1)) {
        if (at >= word.size() &&
            equal_ignoring_case(text.substr(at - word.size(), word.size()), word)) {
            return true;
        }
    }
    return false;
}

/// Finds the calls of current_database(), and current_catalog, one token at a time.
class OwnNameSearch {
public:
    void take(const Token& token, const Word& word)
    {
        if (m_parts == 1 && word.is_symbol('(')) {
            m_parts = 2;
        } else if (m_parts == 2 && word.is_symbol(')')) {
            m_parts = 0;
            m_name.end = token.end;
            m_found.push_back(m_name);
        } else {
            m_parts = 0;
            begin(token, word);
        }
        note_clause(word);
        m_before_that = std::exchange(m_before, word);
        m_begin_before_that = std::exchange(m_begin_before, token.begin);
    }
    std::vector<Token> found() const { return m_is_table ? std::vector<Token>() : m_found; }

private:
    /// In FROM it is a table, and behind another schema somebody's function.
    void begin(const Token& token, const Word& word)
    {
        const bool is_qualified = m_before.is_symbol('.');
        const bool is_catalogs = is_qualified && folded_name(m_before_that.text) == "pg_catalog";
        if (!is_own_name(word) || (is_qualified && !is_catalogs)) {
            return;
        }
        constexpr auto leading = std::to_array<string_view>({"from", "using", "join", "lateral"});
        m_is_table = m_is_table || m_before.is_one_of(leading) ||
                     (m_is_in_from.back() &&
                      (m_before.is_symbol(',') || m_before.is_symbol('(') || is_catalogs));
        m_name = token;
        m_name.begin = is_catalogs ? m_begin_before_that : token.begin;
        if (word.is("current_catalog")) {
            m_found.push_back(m_name);
        } else {
            m_parts = 1;
        }
    }
    void note_clause(const Word& word)
    {
        constexpr auto begins = std::to_array<string_view>({"from", "using", "join"});
        constexpr auto ends = std::to_array<string_view>(
            {"select", "where", "group", "order", "having", "returning", "set", "values", "when",
             "limit", "union", "intersect", "except", "window"});
        if (word.is_symbol('(')) {
            m_is_in_from.push_back(m_before.is("from") && m_before_that.is("rows"));
        } else if (word.is_symbol(')') && m_is_in_from.size() > 1) {
            m_is_in_from.pop_back();
        } else if (word.is_one_of(begins)) {
            m_is_in_from.back() = true;
        } else if (word.is_one_of(ends)) {
            m_is_in_from.back() = false;
        }
    }

    std::vector<Token> m_found;
    Token m_name;
    int m_parts = 0; // of the call that are there
    Word m_before;
    Word m_before_that;
    std::size_t m_begin_before = 0;
    std::size_t m_begin_before_that = 0;
    std::vector<bool> m_is_in_from{false}; // by depth of parentheses
    bool m_is_table = false;
};

} // namespace

bool is_own_name(const Word& word)
{
    return (word.is_name() && folded_name(word.text) == "current_database") ||
           word.is("current_catalog");
}

bool keeps_own_name(const Words& words)
{
    return words.find_any(written_by) < words.size() &&
           std::ranges::any_of(words, [&](const Word& word) {
               return word.is_name() && (is_own_name(word) || (words.has("information_schema") &&
                                                               word.is_one_of(catalog_columns)));
           });
}

bool makes_table_of_rows(const Words& words)
{
    constexpr std::size_t most_before = 4; // words
    const Words outside = words.outside();
    return outside[0].is("create") && outside.find("table") <= most_before &&
           outside.find_any(row_queries, outside.find("as")) < outside.size();
}

bool may_give_own_name(string_view statement)
{
    return has_before_underscore(statement, "current") ||
           has_before_underscore(statement, "information");
}

std::vector<Token> own_name_calls(string_view statement, Backslashes backslashes)
{
    constexpr auto catalog_words = std::to_array<string_view>(
        {"information_schema", "pg_database", "datname", "table_catalog", "catalog_name"});
    constexpr auto verbs = std::to_array<string_view>(
        {"insert", "update", "delete", "merge", "select", "with", "values", "execute"});
    if (!has_before_underscore(statement, "current") ||
        (!begins_with(statement, verbs) && !makes_table_of_rows(Words(statement, backslashes)))) {
        return {};
    }
    TokenReader reader(statement, backslashes);
    OwnNameSearch search;
    while (const Token* token = reader.next()) {
        const Word word{token->kind, reader.text_of(*token)};
        if (word.is_one_of(catalog_words)) {
            return {};
        }
        search.take(*token, word);
    }
    return search.found();
}

} // namespace crudctl::script
