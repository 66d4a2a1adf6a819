#include "script/effect.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <string>
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

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

/// A statement's tokens outside parentheses in lower case, and whether some query in it changes
/// rows that were there.
struct Outline {
    std::vector<std::string> words;
    bool changes_rows = false;

    std::string_view word(std::size_t at) const
    {
        return at < words.size() ? std::string_view(words[at]) : std::string_view();
    }
};

/// Notices (DELETE FROM …, (UPDATE t …, (MERGE INTO … behind a parenthesis, and DO UPDATE.
class ChangeOfRows {
public:
    bool is_shown_by(std::string_view word)
    {
        const bool is_shown = (m_verb == "delete" && word == "from") ||
                              (m_verb == "merge" && word == "into") ||
                              (m_verb == "update" && word != "," && word != ")") ||
                              (m_before == "do" && word == "update");
        m_verb = m_before == "(" ? word : std::string_view();
        m_before = word;
        return is_shown;
    }

private:
    std::string m_verb; // what stood behind the parenthesis, if it was the last token
    std::string m_before;
};

Outline outline_of(std::string_view statement, Backslashes backslashes)
{
    TokenReader reader(statement, backslashes);
    Outline outline;
    ChangeOfRows change;
    std::size_t depth = 0;
    while (const auto token = reader.next()) {
        // Of a string only its place counts; it may be a whole function or a picture.
        const bool is_string = token->kind == TokenKind::string;
        const std::string word = is_string ? "'" : lower_ascii(reader.text_of(*token));
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

bool alter_only_adds(const Outline& outline)
{
    bool adds = false;
    for (std::size_t i = 2; i < outline.words.size(); ++i) { // 1 is what kind of thing: TYPE
        const std::string_view word = outline.word(i);
        const bool is_default = word == "set" && outline.word(i + 1) == "default";
        // ON DELETE SET NULL, ON UPDATE NO ACTION belong to a key that is added.
        const bool is_of_key = outline.word(i - 1) == "delete" || outline.word(i - 1) == "update";
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
        if (outline.word(i) == "from") {
            return target != "program";
        }
        if (outline.word(i) == "to") {
            return target == "stdout" || target == "stdin";
        }
    }
    return false;
}

/// The verb of a statement; behind WITH a AS (…), b AS (…) the first one that follows a
/// parenthesis.
std::string_view verb_of(const Outline& outline)
{
    if (outline.word(0) != "with") {
        return outline.word(0);
    }
    for (std::size_t i = 1; i < outline.words.size(); ++i) {
        if (outline.word(i - 1) == ")" && contains(query_verbs, outline.word(i))) {
            return outline.word(i);
        }
    }
    return {};
}

bool only_adds(const Outline& outline)
{
    const std::string_view verb = verb_of(outline);
    if (verb == "create") {
        return outline.word(1) != "or";
    }
    if (verb == "alter") {
        return alter_only_adds(outline);
    }
    if (verb == "copy") {
        return !outline.changes_rows && copy_only_adds(outline);
    }
    const bool is_query = verb == "(" || verb == "select" || verb == "values" || verb == "table" ||
                          verb == "insert" || verb == "grant";
    return (is_query && !outline.changes_rows) || contains(harmless_verbs, verb);
}

} // namespace

Effect effect_of(std::string_view statement, Backslashes backslashes)
{
    return only_adds(outline_of(statement, backslashes)) ? Effect::adds : Effect::destroys;
}

} // namespace crudctl::script
