#include "script/effect/load_time.hpp"

#include "script/effect/moment.hpp"
#include "script/effect/own_name.hpp"
#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr auto evaluating_verbs =
    std::to_array<string_view>({"insert", "update", "delete", "merge", "select", "with", "values",
                                "table", "copy", "prepare"}); // which EXECUTE runs
constexpr auto running_verbs =
    std::to_array<string_view>({"do", "call", "execute", "refresh", "explain"});
constexpr auto row_writing_words = std::to_array<string_view>(
    {"insert", "merge", "copy", "update", "refresh", "perform", "call", "execute"});
constexpr auto query_words = std::to_array<string_view>({"select", "with", "values", "execute"});
constexpr auto routine_words = std::to_array<string_view>({"function", "procedure"});
constexpr auto created_kinds =
    std::to_array<string_view>({"table", "view", "function", "procedure", "rule", "aggregate",
                                "operator", "trigger", "domain", "type"});

constexpr int most_nested = 4;

/// All names in words, and in code in strings.
void add_words(const Words& words, std::set<std::string>& names, int depth)
{
    for (const Word& word : words) {
        if (word.is_name()) {
            names.insert(folded_name(word.text));
        } else if (word.kind == TokenKind::string && depth > 0) {
            const std::string text = literal_content(word.text);
            add_words(Words(text), names, depth - 1);
        }
    }
}

/// Of a routine: "code in c" where no word of its body tells what it does.
std::string unreadable_language(const Words& words, std::size_t begin)
{
    constexpr auto readable = std::to_array<string_view>({"sql", "plpgsql"});
    const std::size_t language = words.find("language", begin);
    if (language >= words.size()) {
        return {};
    }
    const Word& word = words[language + 1];
    const std::string name = word.kind == TokenKind::string
                                 ? lower_ascii(literal_content(word.text))
                                 : folded_name(word.text);
    return std::ranges::find(readable, name) != readable.end() ? "" : "code in " + name;
}

} // namespace

void LoadTimeScan::take(string_view statement, Backslashes backslashes)
{
    if (!m_evaluated.empty() || !may_matter(statement)) {
        return;
    }
    const Words words(statement, backslashes);
    if (words[0].is_one_of(evaluating_verbs) || words[0].is_symbol('(')) {
        take_rows(words);
        if (m_subject == Subject::own_name && keeps_own_name(words) &&
            own_name_calls(statement, backslashes).empty()) {
            note("current_database");
        }
    } else if (words[0].is_one_of(running_verbs)) {
        take_code(words);
    } else if (words[0].is("create")) {
        take_create(words);
        if (m_subject == Subject::own_name && makes_table_of_rows(words) &&
            std::ranges::any_of(words, is_own_name) &&
            own_name_calls(statement, backslashes).empty()) {
            note("current_database");
        }
    } else if (words[0].is("alter")) {
        take_alter(words);
    }
}

void LoadTimeScan::take_csv(const std::string& table, const std::vector<std::string>& columns)
{
    take_rows_of(table, {columns.begin(), columns.end()});
}

/// Mostly it does not, and its words need not be looked at.
bool LoadTimeScan::may_matter(string_view statement) const
{
    constexpr auto storing_verbs = std::to_array<string_view>({"create", "alter"});
    return m_subject == Subject::moment || !m_stored.anything().empty() ||
           may_give_own_name(statement) || begins_with(statement, storing_verbs);
}

/// What the word stands for that is looked for; empty: nothing.
std::string LoadTimeScan::word_in(const Words& words, std::size_t at) const
{
    if (m_subject == Subject::moment) {
        return moment_in(words, at);
    }
    return is_own_name(words[at]) ? lower_ascii(words[at].text) : "";
}

/// What is stored by it, and what is evaluated at once.
void LoadTimeScan::take_create(const Words& words)
{
    constexpr std::size_t most_before = 5; // words, as in CREATE OR REPLACE CONSTRAINT TRIGGER
    const std::size_t kind = words.find_any(created_kinds, 1);
    const bool is_known = kind <= most_before;
    if (is_known && words[kind].is("type") && words.has("enum")) {
        return;
    }
    note_literals(words);      // they are read as they are stored
    if (words[1].is("cast")) { // where one is used cannot be seen
        evaluate(words, 1, words.size());
    }
    if (!is_known) {
        return;
    }
    if (words[kind].is("table")) {
        take_table(words);
    } else if (words[kind].is("trigger")) {
        take_trigger(words);
    } else if (words[kind].is("rule")) {
        m_rule += m_rule.empty() ? unstable_in(words, kind, words.size()) : "";
        m_has_rule =
            m_has_rule || words.find_any(row_writing_words, words.find("do")) < words.size();
    } else if (words[kind].is("operator") || words[kind].is("aggregate")) {
        evaluate(words, kind, words.size()); // where one is used cannot be seen
    } else if (words[kind].is_one_of(routine_words)) {
        store(words, kind + 1, most_nested);
    } else {
        const bool has_no_data =
            words[words.size() - 1].is("data") && words[words.size() - 2].is("no");
        store(words, kind + (words[kind + 1].is("if") ? 4 : 1), 0);
        if (words[kind - 1].is("materialized") && !has_no_data) {
            evaluate(words, kind, words.size());
            take_rows(words);
        }
    }
}

void LoadTimeScan::take_trigger(const Words& words)
{
    const std::size_t on = words.find("on");
    const auto table = words.name_at(on + 1);
    constexpr auto calling = std::to_array<string_view>({"function", "procedure"});
    const auto function = words.name_at(words.find_any(calling, on) + 1);
    const std::set<std::string> names =
        function ? std::set<std::string>{function->parts.back()} : std::set<std::string>();
    if (!table || words.find("event") < on) { // of DDL: anything fires it
        for (const std::string& name : names) {
            m_rule += m_rule.empty() ? m_stored.what_of(name) : "";
            note(m_stored.what_of(name));
        }
        return;
    }
    StoredCode::Table& described = m_stored.described_table(table->parts.back());
    for (std::size_t at = 0; at < on; ++at) {
        if (!words[at].is("insert") && !words[at].is("update") && !words[at].is("delete")) {
            continue;
        }
        for (const std::string& name : names) {
            described.triggers.insert(lower_ascii(words[at].text) + ' ' + name);
        }
    }
    for (std::size_t at = on; at < words.size(); ++at) { // a condition
        m_rule += m_rule.empty() ? word_in(words, at) : "";
    }
}

/// Notes what it evaluates when it is used.
void LoadTimeScan::store(const Words& words, std::size_t name, int depth)
{
    const auto written = words.name_at(name);
    if (!written) {
        return;
    }
    StoredCode::Part stored;
    if (depth > 0 && m_subject == Subject::moment) {
        stored.what = unreadable_language(words, written->end);
    }
    for (std::size_t at = written->end; at < words.size() && stored.what.empty(); ++at) {
        stored.what = unstable_in(words, at, at + 1, depth);
    }
    add_words(words, stored.names, depth);
    stored.names.erase(written->parts.back());
    stored.writes_rows = depth > 0 && std::ranges::any_of(row_writing_words, [&](string_view word) {
                             return stored.names.contains(std::string(word));
                         });
    m_stored.keep(written->parts.back(), std::move(stored));
}

void LoadTimeScan::take_table(const Words& words)
{
    const Words outside = words.outside();
    if (outside.find("as") < outside.size() &&
        outside.find_any(query_words, outside.find("as")) < outside.size()) {
        take_rows(words);
        return;
    }
    evaluate(words, words.find("values", words.find("for")), words.size()); // bounds
    std::size_t at = words.find("table") + 1;
    at += words[at].is("if") ? 3 : 0;
    const auto name = words.name_at(at);
    if (!name) {
        return;
    }
    StoredCode::Table table;
    if (words[1].is("foreign")) {
        m_stored.keep(name->parts.back(), {"a foreign table", {}, false});
    }
    inherit(table, words, words.find("of", name->end) + 1);
    table.has_all_columns = outside.find("inherits") == outside.size();
    inherit(table, words, words.find("inherits", name->end) + 2);
    const bool is_typed = words[name->end].is("of"); // with columns that no word tells
    std::size_t begin = name->end;
    while (begin < words.size() && !words[begin].is_symbol('(') && !words[begin].is("for") &&
           !words[begin].is("inherits")) {
        ++begin;
    }
    const std::size_t end = words.end_of_parenthesis(begin) - 1;
    for (at = begin + 1; words[begin].is_symbol('(') && at < end; at = words.end_of_item(at) + 1) {
        if (words[at].is("like")) {
            inherit(table, words, at + 1);
            table.has_all_columns = false;
        } else {
            table.columns.push_back(folded_name(words[at].text));
            note_column(table, words, at, std::min(end, words.end_of_item(at)));
        }
    }
    table.has_all_columns = table.has_all_columns && !is_typed && !table.columns.empty();
    m_stored.keep_table(name->parts.back(), std::move(table));
}

void LoadTimeScan::inherit(StoredCode::Table& table, const Words& words, std::size_t name)
{
    const auto from = words.name_at(name);
    const StoredCode::Table* parent = from ? m_stored.table(from->parts.back()) : nullptr;
    if (parent != nullptr) {
        table.defaults.insert(parent->defaults.begin(), parent->defaults.end());
        table.columns.insert(table.columns.end(), parent->columns.begin(), parent->columns.end());
    }
}

void LoadTimeScan::note_literals(const Words& words)
{
    for (const Word& word : words) {
        if (m_subject == Subject::moment && is_clock_string(word)) {
            note(std::string(word.text));
        }
    }
}

/// Its default, or that of its type, which may be a domain.
void LoadTimeScan::note_column(StoredCode::Table& table, const Words& words, std::size_t begin,
                               std::size_t end)
{
    const std::size_t value = words.find_any(std::array{"default", "generated"}, begin);
    std::string what = unstable_in(words, value, end);
    if (const auto type = words.name_at(begin + 1); what.empty() && type) {
        what = m_stored.what_of(type->parts.back());
    }
    if (!what.empty()) {
        m_stored.keep_default(table, folded_name(words[begin].text), what);
    }
}

void LoadTimeScan::take_alter(const Words& words)
{
    note_literals(words);
    if (const auto renamed = words.name_at(words.find("to", words.find("rename")) + 1)) {
        for (const Word& word : words) {
            const std::string name = folded_name(word.text);
            if (m_stored.has(name) && name != renamed->parts.back()) {
                m_stored.keep_under(name, renamed->parts.back());
                break;
            }
        }
    }
    if (words[1].is("domain")) {
        const std::string what = unstable_in(words, 2, words.size());
        if (const auto name = words.name_at(2); name && !what.empty()) {
            m_stored.keep(name->parts.back(), {what, {}, false});
        }
    } else if (const std::size_t kind = words.find("table"); kind <= 2) { // FOREIGN TABLE
        take_alter_table(words, kind);
    }
}

void LoadTimeScan::take_alter_table(const Words& words, std::size_t kind)
{
    std::size_t at = kind + 1;
    at += words[at].is("if") ? 2 : 0;
    at += words[at].is("only") ? 1 : 0;
    const auto name = words.name_at(at);
    if (!name) {
        return;
    }
    evaluate(words, words.find("using"), words.size());
    evaluate(words, words.find("values", words.find("attach")), words.size());
    if (const auto renamed = words.name_at(words.find("to", words.find("rename")) + 1)) {
        const StoredCode::Table copy = m_stored.described_table(name->parts.back());
        m_stored.keep_table(renamed->parts.back(), copy);
    }
    StoredCode::Table& table = m_stored.described_table(name->parts.back());
    for (at = name->end; at < words.size(); at = words.end_of_item(at) + 1) {
        const std::size_t end = words.end_of_item(at);
        std::size_t column = at + 1;
        column += words[column].is("column") ? 1 : 0;
        column += words[column].is("if") ? 3 : 0;
        if (words[at].is("add") &&
            (m_has_rows || table.has_rows)) { // the rows that are there get it now
            evaluate(words, words.find("default", column), end);
        }
        if (words[at].is("add") && words[column].is_name()) {
            table.columns.push_back(folded_name(words[column].text));
        }
        note_column(table, words, column, end);
    }
}

void LoadTimeScan::take_rows(const Words& words)
{
    if (m_subject == Subject::moment) {
        evaluate(words, 0, words.size());
        if (!words[0].is("copy")) {
            note(date_from_text_in(words));
            note(unknown_call_in(words,
                                 [this](const std::string& name) { return m_stored.has(name); }));
        }
    } else {
        for (const Word& word : words) {
            note(word.is_name() ? m_stored.what_of(folded_name(word.text)) : "");
        }
    }
    if (calls_writer(words, 0)) {
        fire_all();
    }
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].is("insert") && words[at + 1].is("into")) {
            take_insert(words, at + 2);
        }
    }
    if (words[0].is("copy")) {
        take_copy_source(words);
        if (words.outside().has("from")) {
            take_insert(words, 1);
        }
    } else {
        take_change(words);
    }
}

/// Rows that are there already.
void LoadTimeScan::take_change(const Words& words)
{
    const bool is_update = words[0].is("update");
    if (is_update || words[0].is("delete")) {
        const std::size_t at = is_update ? 1 : 2;
        const auto name = words.name_at(words[at].is("only") ? at + 1 : at);
        const StoredCode::Table* table = name ? m_stored.table(name->parts.back()) : nullptr;
        if (table == nullptr || words.has("default")) {
            fire_all();
        } else {
            fire(*table, is_update ? "update" : "delete");
        }
    } else if (words[0].is("merge") ||
               (words[0].is("with") && (words.has("update") || words.has("delete")))) {
        fire_all();
    }
}

void LoadTimeScan::take_copy_source(const Words& words)
{
    const Words outside = words.outside();
    const Word& source = outside[outside.find("from") + 1];
    if (source.kind == TokenKind::string || source.is("program")) {
        note("COPY FROM " + std::string(source.text));
    }
}

/// The columns that an INSERT or a COPY gives a value, as far as words tell.
std::set<std::string> LoadTimeScan::given_columns(const Words& words,
                                                  const StoredCode::Table& table, std::size_t at)
{
    std::set<std::string> given;
    at += words[at].is("as") ? 2 : 0;
    if (words[at].is_symbol('(')) {
        for (const std::size_t end = words.end_of_parenthesis(at); at < end; ++at) {
            given.insert(folded_name(words[at].text));
        }
        return given;
    }
    std::size_t count = words[0].is("copy") ? table.columns.size() : 0;
    at = words.find("values", at) + 1;
    const std::size_t end = words.end_of_parenthesis(at);
    for (++at; count < table.columns.size() && at < end; at = words.end_of_item(at) + 1) {
        ++count;
    }
    given.insert(table.columns.begin(), table.columns.begin() + static_cast<std::ptrdiff_t>(count));
    return given;
}

void LoadTimeScan::take_insert(const Words& words, std::size_t at)
{
    const auto name = words.name_at(at);
    const StoredCode::Table* table = name ? m_stored.table(name->parts.back()) : nullptr;
    if (table == nullptr || words.has("default")) {
        m_has_rows = true;
        note_anything(); // a view, or a table that no word tells of
        return;
    }
    take_rows_of(name->parts.back(), given_columns(words, *table, name->end));
}

/// Columns that get no value get their default.
void LoadTimeScan::take_rows_of(const std::string& name, const std::set<std::string>& given)
{
    note(m_rule);
    StoredCode::Table* table = m_stored.table(name);
    if (m_has_rule || table == nullptr || !table->has_all_columns) {
        m_has_rows = true;
        note_anything();
    }
    if (table == nullptr) {
        return;
    }
    table->has_rows = true;
    for (const auto& [column, what] : table->defaults) {
        if (!given.contains(column)) {
            note(what);
        }
    }
    fire(*table, "insert");
}

/// A trigger's function of the files, or another one, whose code cannot be seen.
void LoadTimeScan::fire(const StoredCode::Table& table, string_view event)
{
    for (const std::string& trigger : table.triggers) {
        if (!trigger.starts_with(event)) {
            continue;
        }
        constexpr auto harmless = std::to_array<string_view>({"suppress_redundant_updates_trigger",
                                                              "tsvector_update_trigger",
                                                              "tsvector_update_trigger_column"});
        const std::string name = trigger.substr(event.size() + 1);
        if (!m_stored.has(name) && std::ranges::find(harmless, name) == harmless.end()) {
            note(name + "(), which the files do not make");
        }
        note(m_stored.what_of(name));
        if (m_stored.writes_rows(name)) {
            note_anything();
        }
    }
}

/// Code wrote to tables that no word tells.
void LoadTimeScan::fire_all()
{
    m_has_rows = true;
    note_anything();
    for (const auto& [name, table] : m_stored.tables()) {
        fire(table, "insert");
        fire(table, "update");
        fire(table, "delete");
    }
}

/// Of the own name only what doesn't put statements about the database together: it has that
/// name.
void LoadTimeScan::take_code(const Words& words)
{
    std::set<std::string> names;
    add_words(words, names, most_nested);
    const bool is_about_database = m_subject == Subject::own_name && names.contains("database") &&
                                   !names.contains("insert") && !names.contains("update") &&
                                   !names.contains("merge");
    if (!is_about_database) {
        evaluate(words, 0, words.size(), most_nested);
    }
    if (words[0].is("refresh")) {
        return; // its query was looked at by its name
    }
    constexpr auto opaque = std::to_array<string_view>(
        {"execute", "perform", "call", "merge", "update", "delete", "copy", "refresh"});
    const bool is_plain = words[0].is("do") && std::ranges::none_of(opaque, [&](string_view word) {
                              return names.contains(std::string(word));
                          });
    if (is_plain && std::ranges::none_of(names, [&](const std::string& name) {
            return m_stored.writes_rows(name);
        })) {
        take_inserts_in_code(words);
    } else if ((!words[0].is("do") && (!words[0].is("explain") || words.has("analyze"))) ||
               calls_writer(words, most_nested)) {
        fire_all();
    }
}

void LoadTimeScan::take_inserts_in_code(const Words& words)
{
    for (const Word& word : words) {
        const std::string text =
            word.kind == TokenKind::string ? literal_content(word.text) : std::string();
        const Words code(text);
        for (std::size_t at = 0; at < code.size(); ++at) {
            if (code[at].is("insert") && code[at + 1].is("into")) {
                take_insert(code, at + 2);
            }
        }
    }
}

/// Whether code in it, or a routine that it calls, writes rows.
bool LoadTimeScan::calls_writer(const Words& words, int depth) const
{
    std::set<std::string> names;
    for (const Word& word : words) {
        if (word.kind == TokenKind::string && depth > 0) {
            const std::string text = literal_content(word.text);
            add_words(Words(text), names, depth - 1);
        }
    }
    const bool writes =
        std::ranges::any_of(std::to_array<string_view>({"insert", "merge", "copy", "update",
                                                        "refresh", "perform", "call"}),
                            [&](string_view word) { return names.contains(std::string(word)); });
    if (depth == 0) {
        add_words(words, names, 0);
    }
    return writes || std::ranges::any_of(names, [&](const std::string& name) {
               return m_stored.writes_rows(name);
           });
}

/// Empty where nothing is. `depth`: so deep strings are code.
std::string LoadTimeScan::unstable_in(const Words& words, std::size_t begin, std::size_t end,
                                      int depth) const
{
    for (std::size_t at = begin; at < std::min(end, words.size()); ++at) {
        std::string what = word_in(words, at);
        if (what.empty() && words[at].is_name()) {
            what = m_stored.what_of(folded_name(words[at].text));
        } else if (what.empty() && words[at].kind == TokenKind::string && depth > 0) {
            const std::string text = literal_content(words[at].text);
            const Words inner(text);
            what = unstable_in(inner, 0, inner.size(), depth - 1);
        }
        if (!what.empty()) {
            return what;
        }
    }
    return {};
}

/// What any row could bring about.
void LoadTimeScan::note_anything()
{
    note(m_stored.anything().empty() ? m_rule : m_stored.anything());
}

void LoadTimeScan::note(const std::string& what)
{
    m_evaluated += m_evaluated.empty() ? what : "";
}

} // namespace crudctl::script
