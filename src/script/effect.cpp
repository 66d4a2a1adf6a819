#include "script/effect.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace crudctl::script {

namespace {

constexpr std::array<std::string_view, 11> harmless_verbs = {
    "comment", "set",    "reset", "show",      "analyze", "begin",
    "start",   "commit", "end",   "savepoint", "release"};

constexpr std::array<std::string_view, 7> query_verbs = {"select", "values", "table", "insert",
                                                         "delete", "update", "merge"};

constexpr std::array<std::string_view, 6> adding_actions = {"add",   "attach", "enable",
                                                            "owned", "grant",  "owner"};

// What makes an ALTER more than an addition, wherever outside parentheses it stands.
constexpr std::array<std::string_view, 10> changing_actions = {
    "drop", "type", "restart", "rename", "detach", "reset", "disable", "no", "revoke", "set"};

constexpr std::array<std::string_view, 6> adding_verbs = {"(",     "select", "values",
                                                          "table", "insert", "grant"};

constexpr std::array<std::string_view, 7> reading_verbs = {"(",    "select", "values", "table",
                                                           "with", "show",   "explain"};

constexpr std::array<std::string_view, 5> writing_words = {"insert", "update", "delete", "merge",
                                                           "into"};

bool is(std::string_view word, std::string_view other)
{
    return equal_ignoring_case(word, other);
}

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::any_of(list.begin(), list.end(),
                       [word](std::string_view listed) { return is(word, listed); });
}

/// The tokens of a statement as they stand there, but of a string only its first quote: it may be a
/// whole function or a picture, and nothing in it counts.
class Words {
public:
    Words(std::string_view statement, Backslashes backslashes) : m_reader(statement, backslashes) {}

    /// Empty behind the last one.
    std::string_view next()
    {
        const Token* token = m_reader.next();
        if (!token) {
            return {};
        }
        return token->kind == TokenKind::string ? "'" : m_reader.text_of(*token);
    }

private:
    TokenReader m_reader;
};

/// Notices (DELETE FROM …, (UPDATE t …, (MERGE INTO … behind a parenthesis, and DO UPDATE.
class ChangeOfRows {
public:
    bool is_shown_by(std::string_view word)
    {
        const bool is_shown = (is(m_verb, "delete") && is(word, "from")) ||
                              (is(m_verb, "merge") && is(word, "into")) ||
                              (is(m_verb, "update") && word != "," && word != ")") ||
                              (is(m_before, "do") && is(word, "update"));
        m_verb = m_before == "(" ? word : std::string_view();
        m_before = word;
        return is_shown;
    }

private:
    std::string_view m_verb; // what stood behind the parenthesis, if it was the last token
    std::string_view m_before;
};

/// A statement's tokens outside parentheses, and whether some query in it changes rows that were
/// there.
struct Outline {
    std::vector<std::string_view> words;
    bool changes_rows = false;

    std::string_view word(std::size_t at) const
    {
        return at < words.size() ? words[at] : std::string_view();
    }
};

Outline outline_of(Words words)
{
    Outline outline;
    ChangeOfRows change;
    std::size_t depth = 0;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        outline.changes_rows = change.is_shown_by(word) || outline.changes_rows;
        if (word == ")" && depth > 0) {
            --depth;
        }
        if (depth == 0) {
            outline.words.push_back(word);
        }
        if (word == "(") {
            ++depth;
        }
    }
    return outline;
}

/// Whether a word that changes rows is there at all, be it in a string: far quicker to tell.
bool mentions_change(std::string_view statement)
{
    for (; !statement.empty(); statement.remove_prefix(1)) {
        const char c = static_cast<char>(statement.front() | 0x20); // lower case, for letters
        if ((c == 'd' && is(statement.substr(0, 6), "delete")) ||
            (c == 'u' && is(statement.substr(0, 6), "update")) ||
            (c == 'm' && is(statement.substr(0, 5), "merge"))) {
            return true;
        }
    }
    return false;
}

bool changes_rows(Words words)
{
    ChangeOfRows change;
    for (auto word = words.next(); !word.empty(); word = words.next()) {
        if (change.is_shown_by(word)) {
            return true;
        }
    }
    return false;
}

bool alter_only_adds(const Outline& outline)
{
    bool adds = false;
    for (std::size_t i = 2; i < outline.words.size(); ++i) { // 1 is what kind of thing: TYPE
        const std::string_view word = outline.word(i);
        const bool is_default = is(word, "set") && is(outline.word(i + 1), "default");
        // ON DELETE SET NULL, ON UPDATE NO ACTION belong to a key that is added.
        const bool is_of_key =
            is(outline.word(i - 1), "delete") || is(outline.word(i - 1), "update");
        if (contains(changing_actions, word) && !is_default && !is_of_key) {
            return false;
        }
        adds = adds || is_default || contains(adding_actions, word);
    }
    return adds;
}

bool copy_only_adds(const Outline& outline)
{
    for (std::size_t i = 1; i < outline.words.size(); ++i) {
        const std::string_view target = outline.word(i + 1);
        if (is(outline.word(i), "from")) {
            return !is(target, "program");
        }
        if (is(outline.word(i), "to")) {
            return is(target, "stdout") || is(target, "stdin");
        }
    }
    return false;
}

/// Behind WITH a AS (…), b AS (…): the first verb that follows a parenthesis.
bool with_only_adds(const Outline& outline)
{
    for (std::size_t i = 1; i < outline.words.size(); ++i) {
        if (outline.word(i - 1) == ")" && contains(query_verbs, outline.word(i))) {
            return contains(adding_verbs, outline.word(i)) && !outline.changes_rows;
        }
    }
    return false;
}

// Most statements show it in their first words; the rest is then not looked at.
bool only_adds(std::string_view statement, Backslashes backslashes)
{
    const Words words(statement, backslashes);
    Words first_words = words;
    const std::string_view verb = first_words.next();
    if (is(verb, "create")) {
        return !is(first_words.next(), "or");
    }
    if (contains(adding_verbs, verb)) {
        return !mentions_change(statement) || !changes_rows(words);
    }
    if (is(verb, "alter")) {
        return alter_only_adds(outline_of(words));
    }
    if (is(verb, "copy")) {
        const Outline outline = outline_of(words);
        return !outline.changes_rows && copy_only_adds(outline);
    }
    if (is(verb, "with")) {
        return with_only_adds(outline_of(words));
    }
    return contains(harmless_verbs, verb);
}

} // namespace

Effect effect_of(std::string_view statement, Backslashes backslashes)
{
    return only_adds(statement, backslashes) ? Effect::adds : Effect::destroys;
}

// Wherever such a word stands: a column of that name costs a question too many, no more.
bool only_reads(std::string_view statement, Backslashes backslashes)
{
    Words words(statement, backslashes);
    std::string_view word = words.next();
    if (!contains(reading_verbs, word)) {
        return false;
    }
    while (!word.empty() && !contains(writing_words, word)) {
        word = words.next();
    }
    return word.empty();
}

} // namespace crudctl::script
