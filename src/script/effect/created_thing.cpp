#include "script/effect/created_thing.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 11> modifiers = {
    "global", "local",   "temp",       "temporary",  "unlogged", "recursive",
    "unique", "trusted", "procedural", "constraint", "default"};

/// Kinds of two words, and which of their first words say nothing by themselves.
struct TwoWords {
    string_view first;
    string_view second;
    string_view kind;
};
constexpr std::array<TwoWords, 9> kinds_of_two = {{
    {"materialized", "view", "view"},
    {"foreign", "table", "table"},
    {"foreign", "data", "foreign data wrapper"},
    {"event", "trigger", "event trigger"},
    {"user", "mapping", "user mapping"},
    {"access", "method", "access method"},
    {"operator", "class", "operator"},
    {"operator", "family", "operator"},
    {"text", "search", "text search"},
}};

using std::string_view;

constexpr std::array<string_view, 6> actions_on_own = {"owner", "owned",   "enable",
                                                       "force", "replica", "cluster"};

/// DEFAULT PRIVILEGES … GRANT, not … REVOKE GRANT OPTION FOR.
bool grants_privileges(const Words& words)
{
    for (const Word& word : words) {
        if (word.is("grant") || word.is("revoke")) {
            return word.is("grant");
        }
    }
    return false;
}

/// SET DEFAULT, DROP DEFAULT, DROP NOT NULL.
bool loosens(const Words& words, std::size_t at)
{
    return ((words[at].is("set") || words[at].is("drop")) && words[at + 1].is("default")) ||
           (words[at].is("drop") && words[at + 1].is("not") && words[at + 2].is("null"));
}

/// ALTER [COLUMN] name …
bool column_only_adds(const Words& words, std::size_t at)
{
    at += words[at].is("column") ? 1 : 0;
    const auto column = words.name_at(at);
    return column && (loosens(words, column->end) ||
                      (words[column->end].is("add") && words[column->end + 1].is("generated")));
}

bool action_only_adds(string_view kind, const Words& words, std::size_t at)
{
    const Word& action = words[at];
    if (kind == "table") {
        return action.is("add") || action.is("validate") || action.is("attach") ||
               (action.is("alter") && column_only_adds(words, at + 1));
    }
    if (kind == "domain") {
        return action.is("add") || action.is("validate") || loosens(words, at);
    }
    if (kind == "view") {
        return action.is("alter") && column_only_adds(words, at + 1) && !words[at + 2].is("add");
    }
    return (kind == "type" && action.is("add") && words[at + 1].is("value")) ||
           (kind == "index" && action.is("attach"));
}

bool is_own(string_view kind, const WrittenName& name, const RunMemory& memory)
{
    if (kind == "type" || kind == "domain") {
        return memory.has_made(RunMemory::Kind::type, name);
    }
    return (kind == "table" || kind == "view" || kind == "sequence") &&
           memory.has_made(RunMemory::Kind::relation, name);
}

} // namespace

std::string kind_group(const std::string& kind)
{
    constexpr std::array<std::pair<string_view, string_view>, 8> groups = {{
        {"table", "relation"},
        {"view", "relation"},
        {"sequence", "relation"},
        {"function", "routine"},
        {"procedure", "routine"},
        {"aggregate", "routine"},
        {"domain", "type"},
        {"type", "type"},
    }};
    const auto* const found =
        std::ranges::find(groups, string_view(kind), [](const auto& pair) { return pair.first; });
    return found == groups.end() ? kind : std::string(found->second);
}

CreatedThing created_thing(const Words& statement)
{
    CreatedThing thing;
    std::size_t at = 1;
    if (statement[at].is("or") && statement[at + 1].is("replace")) {
        thing.replaces = true;
        at += 2;
    }
    while (statement[at].is_one_of(modifiers)) {
        thing.is_temporary =
            thing.is_temporary || statement[at].is("temp") || statement[at].is("temporary");
        ++at;
    }
    if (statement[at].kind != TokenKind::word) {
        return thing;
    }
    thing.kind = lower_ascii(statement[at].text);
    for (const TwoWords& two : kinds_of_two) {
        if (statement[at].is(two.first) && statement[at + 1].is(two.second)) {
            thing.kind = two.kind;
            at += two.first == "text" ? 2 : 1; // CONFIGURATION, DICTIONARY …
            break;
        }
    }
    ++at;
    at += statement[at].is("concurrently") ? 1 : 0;
    if (statement[at].is("if") && statement[at + 1].is("not") && statement[at + 2].is("exists")) {
        thing.if_not_exists = true;
        at += 3;
    }
    thing.name_at = at;
    thing.name = statement.name_at(at);
    return thing;
}

std::string signature_of(const Words& statement, const WrittenName& name)
{
    std::string text;
    std::size_t depth = 0;
    for (std::size_t at = name.end; at < statement.size(); ++at) {
        const Word& word = statement[at];
        depth += word.is_symbol('(') ? 1 : 0;
        if (depth == 0 || (word.is_symbol(')') && --depth == 0)) {
            break;
        }
        text += (word.kind == TokenKind::word ? lower_ascii(word.text) : std::string(word.text));
        text += ' ';
    }
    return text;
}

std::optional<WrittenName> table_of_trigger(const Words& statement, std::size_t name_at)
{
    for (std::size_t at = name_at + 1; at < statement.size() && !statement[at].is_symbol('(');
         ++at) {
        if (statement[at].is("on") && !statement[at - 1].is_symbol('.')) {
            return statement.name_at(at + 1);
        }
    }
    return std::nullopt;
}

bool alter_only_adds(const Words& statement, const RunMemory& memory)
{
    const Words words = statement.outside();
    if (words[1].is("default") && words[2].is("privileges")) {
        return grants_privileges(words);
    }
    std::size_t at = words[1].is("foreign") || words[1].is("materialized") ? 2 : 1;
    const std::string kind = lower_ascii(words[at++].text);
    if (words[at].is("if") && words[at + 1].is("exists")) {
        at += 2;
    }
    at += words[at].is("only") ? 1 : 0;
    const auto name = words.name_at(at);
    if (!name) {
        return false;
    }
    at = name->end + (words[name->end].is_symbol('*') ? 1 : 0);
    const bool is_made_here = is_own(kind, *name, memory);
    for (;;) {
        if (!action_only_adds(kind, words, at) &&
            !(is_made_here && words[at].is_one_of(actions_on_own))) {
            return false;
        }
        while (at < words.size() && !words[at].is_symbol(',')) {
            ++at;
        }
        if (at++ >= words.size()) {
            return true;
        }
    }
}

} // namespace crudctl::script
