#include "script/effect/effect_judge.hpp"

#include "script/effect/created_thing.hpp"
#include "script/effect/known_names.hpp"
#include "script/effect/statement_scan.hpp"
#include "script/sql/character_class.hpp"
#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace crudctl::script {

namespace {

using std::string_view;

// No function is called in these, and no row is changed.
constexpr std::array<string_view, 8> plain_verbs = {"comment", "grant", "show",      "analyze",
                                                    "begin",   "start", "savepoint", "release"};

constexpr std::array<string_view, 5> query_verbs = {"select", "values", "table", "insert", "with"};

// What CREATE may make without a look at what is there.
constexpr std::array<string_view, 30> known_kinds = {
    "access method", "aggregate",    "cast",
    "collation",     "conversion",   "database",
    "domain",        "extension",    "foreign data wrapper",
    "function",      "group",        "index",
    "language",      "operator",     "policy",
    "procedure",     "publication",  "role",
    "schema",        "sequence",     "server",
    "statistics",    "table",        "tablespace",
    "text search",   "transform",    "type",
    "user",          "user mapping", "view"};

// Each names a function that will be called without its name being written.
constexpr std::array<string_view, 7> calling_kinds = {
    "access method", "cast",     "conversion", "foreign data wrapper",
    "language",      "operator", "transform"};

// Options of CREATE TYPE that do so, too.
constexpr std::array<string_view, 3> calling_options = {"input", "canonical", "subtype_diff"};

constexpr std::array<string_view, 3> relation_kinds = {"table", "view", "sequence"};

// What may make an unqualified name mean something else.
constexpr std::array<string_view, 5> path_words = {"search_path", "schema", "all", "role",
                                                   "authorization"};

template <std::size_t Count>
bool contains(const std::array<string_view, Count>& list, string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool is_routine(string_view kind)
{
    return kind == "function" || kind == "procedure" || kind == "aggregate";
}

StatementShape shape_of(string_view kind)
{
    return kind == "table"   ? StatementShape::create_table
           : kind == "index" ? StatementShape::create_index
           : kind == "view"  ? StatementShape::create_view
                             : StatementShape::create_other;
}

/// What the words behind the first ones say.
Effect effect_of(const StatementScan& scan)
{
    return scan.changes_rows() ? Effect::destroys : scan.calls() ? Effect::calls : Effect::adds;
}

bool copy_only_adds(const Words& words)
{
    std::size_t depth = 0;
    for (std::size_t at = 1; at < words.size(); ++at) {
        depth += words[at].is_symbol('(') ? 1 : 0;
        depth -= words[at].is_symbol(')') && depth > 0 ? 1 : 0;
        if (depth > 0 || words[at - 1].is_symbol('.')) {
            continue;
        }
        if (words[at].is("from")) {
            return !words[at + 1].is("program");
        }
        if (words[at].is("to")) {
            return words[at + 1].is("stdout") || words[at + 1].is("stdin");
        }
    }
    return false;
}

bool has_word(const Words& words, string_view keyword)
{
    return std::ranges::any_of(words, [&](const Word& word) { return word.is(keyword); });
}

/// Whether what is made will call a function whose name stands without a parenthesis.
bool calls_later(const Words& statement, const CreatedThing& thing)
{
    const Word& what = statement[thing.name_at];
    return contains(calling_kinds, thing.kind) ||
           (thing.kind == "text search" && (what.is("parser") || what.is("template"))) ||
           (thing.kind == "type" && std::ranges::any_of(statement, [](const Word& word) {
                return word.is_one_of(calling_options);
            }));
}

/// Empty where it doesn't say.
std::string schema_of_extension(const Words& statement)
{
    for (std::size_t at = 0; at < statement.size(); ++at) {
        if (statement[at].is("schema")) {
            return folded_name(statement[at + 1].text);
        }
    }
    return {};
}

constexpr std::array<string_view, 8> suspicious_words = {
    "select", "with", "table", "delete", "update", "merge", "truncate", "returning"};

string_view word_at(string_view text, std::size_t at)
{
    const auto* const end =
        std::find_if_not(text.begin() + at, text.end(), [](char c) { return continues_name(c); });
    return text.substr(at, static_cast<std::size_t>(end - text.begin()) - at);
}

bool is_suspicious(string_view word)
{
    return std::ranges::any_of(suspicious_words, [&](string_view suspicious) {
        return equal_ignoring_case(word, suspicious);
    });
}

/// A dollar quote, U&, or a comment: for the one that cuts into tokens.
bool begins_more(string_view text, std::size_t at)
{
    const string_view two = text.substr(at, 2);
    return text[at] == '$' || text[at] == '&' || two == "--" || two == "/*";
}

/// Where a look at an INSERT is.
struct QuickScan {
    bool is_behind_name = false;
    string_view name; // that it is behind of; empty for one that is quoted or has a schema
    bool is_behind_dot = false;
    std::size_t parentheses = 0;
};

/// The quote that ends what one begins; npos for E'…', what has no end, and `row."name"`, which may
/// call a function.
std::size_t end_of_quoted(string_view text, std::size_t at, const QuickScan& scan)
{
    const bool has_letter = scan.is_behind_name && at > 0 && !is_blank(text[at - 1]);
    const bool may_call = scan.is_behind_dot && scan.parentheses > 0;
    return has_letter || may_call ? string_view::npos : text.find(text[at], at + 1);
}

/// Whether the parenthesis that comes is that of a function outside the list.
bool calls(const QuickScan& scan, const RunMemory& memory)
{
    return scan.is_behind_name && scan.parentheses > 0 &&
           (scan.name.empty() || !memory.is_safe_call({}, lower_ascii(scan.name)));
}

} // namespace

EffectJudge::EffectJudge(const KnownFunctions& known)
{
    for (const auto& [name, schema] : known.generators) {
        m_memory.note_extension(name, schema);
        m_memory.note_extension(name, {});
    }
    for (const std::string& name : known.of_rows) {
        m_memory.note_function(name);
    }
}

Effect EffectJudge::take(string_view statement, Backslashes backslashes)
{
    const Effect effect = take_words(statement, backslashes);
    if (effect == Effect::calls) {
        m_memory.forget_unqualified(); // a function may set search_path
    }
    return effect;
}

Effect EffectJudge::take_words(string_view statement, Backslashes backslashes)
{
    TokenReader reader(statement, backslashes);
    const Token* const first = reader.next();
    if (first == nullptr) {
        return Effect::destroys;
    }
    const Word verb{first->kind, reader.text_of(*first)};
    if (verb.is_one_of(query_verbs) || verb.is_symbol('(')) {
        return take_query(statement, backslashes);
    }
    if (verb.is_one_of(plain_verbs)) {
        return Effect::adds;
    }
    if (verb.is("commit") || verb.is("end")) {
        m_memory.note_commit();
        const Token* const second = reader.next();
        return second != nullptr && equal_ignoring_case(reader.text_of(*second), "prepared")
                   ? Effect::destroys
                   : Effect::adds;
    }
    if (verb.is("set") || verb.is("reset")) {
        return take_setting(Words(statement, backslashes));
    }
    if (verb.is("create")) {
        return take_create(Words(statement, backslashes));
    }
    if (verb.is("alter")) {
        return take_alter(Words(statement, backslashes));
    }
    if (verb.is("copy")) {
        return take_copy(Words(statement, backslashes));
    }
    if (verb.is("rollback") || verb.is("abort")) {
        m_memory.forget();
    }
    return Effect::destroys;
}

Effect EffectJudge::take_query(string_view statement, Backslashes backslashes)
{
    if (is_plain_insert(statement, backslashes, m_memory)) {
        return Effect::adds;
    }
    StatementScan scan = scan_of(StatementShape::query);
    bool sets = false;
    TokenReader reader(statement, backslashes);
    while (const Token* const token = reader.next()) {
        const Word word{token->kind, reader.text_of(*token)};
        sets = sets || (word.is_name() && folded_name(word.text) == "set_config");
        scan.take(word);
    }
    scan.finish();
    if (sets) {
        m_memory.note_search_path(Words(statement, backslashes));
    }
    return effect_of(scan);
}

Effect EffectJudge::take_setting(const Words& statement)
{
    const bool may_change_path = std::ranges::any_of(
        statement, [](const Word& word) { return contains(path_words, lower_ascii(word.text)); });
    if (may_change_path) {
        m_memory.note_search_path(statement);
    }
    return Effect::adds;
}

Effect EffectJudge::take_copy(const Words& statement) const
{
    return copy_only_adds(statement) ? effect_of(scanned(statement, StatementShape::copy))
                                     : Effect::destroys;
}

Effect EffectJudge::take_alter(const Words& statement) const
{
    if (!alter_only_adds(statement, m_memory)) {
        return Effect::destroys;
    }
    const bool is_grant = statement[1].is("default"); // its verbs are privileges
    return is_grant ? Effect::adds : effect_of(scanned(statement, StatementShape::alter));
}

Effect EffectJudge::take_create(const Words& statement)
{
    const CreatedThing thing = created_thing(statement);
    const Effect effect = effect_of_create(statement, thing);
    remember(statement, thing);
    return effect;
}

Effect EffectJudge::effect_of_create(const Words& statement, const CreatedThing& thing) const
{
    if (thing.kind == "trigger") {
        const auto table = table_of_trigger(statement, thing.name_at);
        const bool is_own = table && m_memory.has_made(RunMemory::Kind::relation, *table);
        const bool calls = scanned(statement, StatementShape::create_other).calls();
        return !is_own ? Effect::destroys : calls ? Effect::calls : Effect::adds;
    }
    const bool holds_trigger = thing.kind == "schema" && has_word(statement, "trigger");
    if (!contains(known_kinds, thing.kind) || holds_trigger ||
        (thing.replaces && !has_made(statement, thing))) {
        return Effect::destroys;
    }
    const StatementScan scan = scanned(statement, shape_of(thing.kind));
    if (is_routine(thing.kind) || thing.kind == "publication") { // neither calls anything
        return is_routine(thing.kind) && scan.changes_rows() ? Effect::destroys : Effect::adds;
    }
    return calls_later(statement, thing) ? std::max(Effect::calls, effect_of(scan))
                                         : effect_of(scan);
}

bool EffectJudge::has_made(const Words& statement, const CreatedThing& thing) const
{
    return thing.name &&
           (is_routine(thing.kind)
                ? m_memory.has_made(RunMemory::Kind::routine, *thing.name,
                                    thing.kind + " " + signature_of(statement, *thing.name))
                : thing.kind == "view" &&
                      m_memory.has_made(RunMemory::Kind::relation, *thing.name));
}

void EffectJudge::remember(const Words& statement, const CreatedThing& thing)
{
    if (!thing.name) {
        return;
    }
    if (is_routine(thing.kind)) {
        m_memory.note_function(thing.name->parts.back());
    } else if (thing.kind == "extension") {
        m_memory.note_extension(thing.name->parts.back(), schema_of_extension(statement));
    }
    if (thing.if_not_exists || thing.is_temporary || thing.replaces ||
        thing.name->parts.front() == "pg_temp") {
        return;
    }
    if (is_routine(thing.kind)) {
        m_memory.note_made(RunMemory::Kind::routine, *thing.name,
                           thing.kind + " " + signature_of(statement, *thing.name));
    } else if (contains(relation_kinds, thing.kind)) {
        m_memory.note_made(RunMemory::Kind::relation, *thing.name);
    } else if (thing.kind == "type" || thing.kind == "domain") {
        m_memory.note_made(RunMemory::Kind::type, *thing.name);
    }
}

StatementScan EffectJudge::scanned(const Words& statement, StatementShape shape) const
{
    StatementScan scan = scan_of(shape);
    for (const Word& word : statement) {
        scan.take(word);
    }
    scan.finish();
    return scan;
}

StatementScan EffectJudge::scan_of(StatementShape shape) const
{
    return {shape,
            [this](const std::string& schema, const std::string& name) {
                return m_memory.is_safe_call(schema, name);
            },
            [this](const std::string& name) {
                m_has_attributes = true;
                return m_memory.has_function(name);
            }};
}

Effect effect_of(string_view statement, Backslashes backslashes, const KnownFunctions& known)
{
    return EffectJudge(known).take(statement, backslashes);
}

bool is_plain_insert(string_view text, Backslashes backslashes, const RunMemory& memory)
{
    if (backslashes == Backslashes::escape || !equal_ignoring_case(word_at(text, 0), "insert")) {
        return false;
    }
    QuickScan scan;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '\'' || c == '"') {
            at = end_of_quoted(text, at, scan);
            if (at == string_view::npos) {
                return false;
            }
            scan.is_behind_name = c == '"';
            scan.name = {};
        } else if (starts_name(c)) {
            const string_view word = word_at(text, at);
            if (is_suspicious(word) || (scan.is_behind_dot && scan.parentheses > 0)) {
                return false;
            }
            scan.is_behind_name = !equal_ignoring_case(word, "values");
            scan.name = scan.is_behind_dot ? string_view() : word;
            scan.is_behind_dot = false;
            at += word.size();
            continue;
        } else if (c == '(') {
            if (calls(scan, memory)) {
                return false;
            }
            ++scan.parentheses;
            scan.is_behind_name = false;
        } else if (begins_more(text, at)) {
            return false;
        } else if (!is_blank(c)) {
            scan.is_behind_name = false;
            scan.is_behind_dot = c == '.';
        }
        ++at;
    }
    return true;
}

} // namespace crudctl::script
