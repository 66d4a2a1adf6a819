#include "script/effect/effect.hpp"
#include "script/effect/known_names.hpp"
#include "script/sql/character_class.hpp"
#include "script/sql/literal.hpp"
#include "script/sql/words.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

// What a statement may do that reads, or says that it ends a transaction, by its words alone.
namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 6> reading_verbs = {"select", "values", "table",
                                                      "with",   "show",   "explain"};

constexpr std::array<string_view, 5> writing_words = {"insert", "update", "delete", "merge",
                                                      "into"};

/// A string that holds what it shows: no escapes.
bool is_plain_string(const Word& word)
{
    return word.kind == TokenKind::string && (word.text[0] == '\'' || word.text[0] == '$');
}

/// What is pasted into a query must be names and the like.
bool is_harmless_when_pasted(string_view text)
{
    return std::ranges::all_of(text, [](char c) {
        return continues_name(c) || string_view(" .,~>|\"").find(c) != string_view::npos;
    });
}

/// Whether between the parenthesis at `at` and its end there are only literals, cast or not. Where
/// they are pasted into a query, each has to be a name or the like.
bool has_literal_arguments(const Words& words, std::size_t at, bool pastes)
{
    for (++at; at < words.size() && !words[at].is_symbol(')'); ++at) {
        const bool is_number = words[at].kind == TokenKind::number && words[at].text[0] != '$';
        const bool is_string =
            is_plain_string(words[at]) &&
            (!pastes || is_harmless_when_pasted(literal_content(words[at].text)));
        const bool is_literal = is_string || is_number || words[at].is_symbol(',');
        if (words[at].is_symbol(':') && words[at + 1].is_symbol(':')) {
            at += 2; // behind them the type
        } else if (!is_literal) {
            return false;
        }
    }
    return true;
}

constexpr int deepest_string = 4;

void add_names(const Words& words, std::set<std::string>& names, int depth)
{
    const bool has_code = depth > 0 || std::ranges::any_of(words, [](const Word& word) {
                              return word.is_name() && runs_text(folded_name(word.text));
                          });
    for (const Word& word : words) {
        if (word.is_name()) {
            names.insert(folded_name(word.text));
        } else if (has_code && word.kind == TokenKind::string && depth < deepest_string) {
            add_names(Words(literal_content(word.text)), names, depth + 1);
        }
    }
}

} // namespace

// Wherever such a word stands: a column of that name costs a question too many, no more.
bool only_reads(string_view statement, Backslashes backslashes)
{
    const Words words(statement, backslashes);
    return (words[0].is_one_of(reading_verbs) || words[0].is_symbol('(')) &&
           std::ranges::none_of(words,
                                [](const Word& word) { return word.is_one_of(writing_words); });
}

bool calls_outside(string_view statement, Backslashes backslashes)
{
    const Words words(statement, backslashes);
    bool has_text = false;
    for (std::size_t at = 1; at < words.size(); ++at) {
        const bool is_called = words[at].is_symbol('(') && words[at - 1].is_name();
        const std::string name = is_called ? folded_name(words[at - 1].text) : "";
        const bool is_unknown =
            words[at].is("uescape") || // a name that cannot be told
            (runs_text(name) && !has_literal_arguments(words, at, !name.starts_with("crosstab")));
        if (acts_outside(name) || is_unknown) {
            return true;
        }
        has_text = has_text || runs_text(name);
    }
    return has_text && std::ranges::any_of(words, [](const Word& word) {
               return word.kind == TokenKind::string && calls_outside(literal_content(word.text));
           });
}

bool ends_transaction(string_view statement)
{
    constexpr std::array<string_view, 4> verbs = {"commit", "end", "rollback", "abort"};
    const Words words(statement);
    const bool is_about_prepared = words[1].is("prepared");
    const bool is_to_savepoint =
        words[1].is("to") ||
        ((words[1].is("work") || words[1].is("transaction")) && words[2].is("to"));
    return (words[0].is_one_of(verbs) && !is_about_prepared && !is_to_savepoint) ||
           (words[0].is("prepare") && words[1].is("transaction"));
}

std::set<std::string> called_names_in(string_view statement, Backslashes backslashes)
{
    std::set<std::string> names;
    add_names(Words(statement, backslashes), names, 0);
    return names;
}

} // namespace crudctl::script
