#include "script/effect/load_time.hpp"

#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

// The list of known functions has them, since they change nothing.
constexpr auto unstable_functions =
    std::to_array<string_view>({"age",
                                "clock_timestamp",
                                "create_parent", // of pg_partman: makes partitions around today
                                "crypt",
                                "current_setting",
                                "gen_random_bytes",
                                "gen_random_uuid",
                                "gen_salt",
                                "getpgusername",
                                "inet_client_addr",
                                "inet_client_port",
                                "inet_server_addr",
                                "inet_server_port",
                                "now",
                                "pg_backend_pid",
                                "pg_conf_load_time",
                                "pg_current_xact_id",
                                "pg_has_role",
                                "pg_postmaster_start_time",
                                "pg_tablespace_location",
                                "random",
                                "random_normal",
                                "row_security_active",
                                "run_maintenance",
                                "statement_timestamp",
                                "timeofday",
                                "to_regrole",
                                "transaction_timestamp",
                                "txid_current",
                                "uuid_generate_v1",
                                "uuid_generate_v1mc",
                                "uuid_generate_v4",
                                "uuidv4",
                                "uuidv7",
                                "has_database_privilege"});

constexpr auto unstable_words = std::to_array<string_view>(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"});

// Of all databases of the server, or of its configuration.
constexpr auto shared_relations = std::to_array<string_view>({"pg_auth_members",
                                                              "pg_authid",
                                                              "pg_available_extension_versions",
                                                              "pg_available_extensions",
                                                              "pg_database",
                                                              "pg_db_role_setting",
                                                              "pg_file_settings",
                                                              "pg_group",
                                                              "pg_hba_file_rules",
                                                              "pg_parameter_acl",
                                                              "pg_replication_slots",
                                                              "pg_roles",
                                                              "pg_settings",
                                                              "pg_shadow",
                                                              "pg_shdepend",
                                                              "pg_shdescription",
                                                              "pg_stat_activity",
                                                              "pg_stat_database",
                                                              "pg_stat_replication",
                                                              "pg_subscription",
                                                              "pg_tablespace",
                                                              "pg_timezone_names",
                                                              "pg_user",
                                                              "pg_locks"});

// Strings that a date or a timestamp reads as the time of day.
constexpr std::array<string_view, 4> clock_strings = {"now", "today", "tomorrow", "yesterday"};

constexpr std::array<string_view, 9> evaluating_verbs = {
    "insert", "update", "delete", "merge", "select", "with", "values", "table", "copy"};
constexpr std::array<string_view, 5> changing_words = {"insert", "update", "delete", "merge",
                                                       "into"};
constexpr std::array<string_view, 5> running_verbs = {"do", "call", "execute", "refresh",
                                                      "explain"};
constexpr std::array<string_view, 4> query_words = {"select", "with", "values", "execute"};
constexpr std::array<string_view, 3> routine_words = {"function", "procedure", "aggregate"};
constexpr std::array<string_view, 8> created_kinds = {"table", "view",      "function", "procedure",
                                                      "rule",  "aggregate", "trigger",  "domain"};

constexpr int most_nested = 3;

template <typename List>
bool has(const List& list, string_view text)
{
    return std::ranges::find(list, text) != list.end();
}

bool is_clock_string(const Word& word)
{
    return word.kind == TokenKind::string &&
           has(clock_strings, lower_ascii(trimmed(literal_content(word.text))));
}

constexpr auto own_names = std::to_array<string_view>({"current_database", "current_catalog"});

/// Of the clock, randomness, files, shared catalogs; empty: none.
std::string moment_in(const Words& words, std::size_t at)
{
    const Word& word = words[at];
    if (is_clock_string(word)) {
        return std::string(word.text);
    }
    if (!word.is_name()) {
        return {};
    }
    const std::string name = folded_name(word.text);
    const bool is_called = words[at + 1].is_symbol('(');
    const bool reads_elsewhere = name.starts_with("pg_read_") || name.starts_with("pg_ls_") ||
                                 name.starts_with("pg_stat_file") ||
                                 name.starts_with("lo_import") || name.starts_with("dblink");
    if (is_called && (has(unstable_functions, name) || reads_elsewhere)) {
        return name + "()";
    }
    return has(unstable_words, name) || has(shared_relations, name) ? name : "";
}

std::size_t find(const Words& words, string_view keyword, std::size_t from = 0)
{
    for (; from < words.size() && !words[from].is(keyword); ++from) {}
    return from;
}

/// Behind the parenthesis at `at` and all that is in it.
std::size_t end_of_parenthesis(const Words& words, std::size_t at)
{
    std::size_t depth = 0;
    for (; at < words.size(); ++at) {
        depth += words[at].is_symbol('(') ? 1 : 0;
        depth -= depth > 0 && words[at].is_symbol(')') ? 1 : 0;
        if (depth == 0) {
            return at + 1;
        }
    }
    return at;
}

/// The end of what begins at `at`: the next comma at its depth, or the parenthesis around it.
std::size_t end_of_item(const Words& words, std::size_t at)
{
    while (at < words.size() && !words[at].is_symbol(',') && !words[at].is_symbol(')')) {
        at = words[at].is_symbol('(') ? end_of_parenthesis(words, at) : at + 1;
    }
    return at;
}

/// The first word of those of `keywords` from `from` on; words.size() where there is none.
std::size_t find_any(const Words& words, const auto& keywords, std::size_t from)
{
    while (from < words.size() && !words[from].is_one_of(keywords)) {
        ++from;
    }
    return from;
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
    } else if (words[0].is_one_of(running_verbs)) {
        take_code(words);
    } else if (words[0].is("create")) {
        take_create(words);
    } else if (words[0].is("alter")) {
        take_alter(words);
    }
}

/// Mostly it does not, and its words need not be looked at.
bool LoadTimeScan::may_matter(string_view statement) const
{
    return m_subject == Subject::moment || !m_stored.empty() || !m_defaults.empty() ||
           !m_trigger.empty() || contains_ignoring_case(statement, "current_");
}

/// What the word stands for that is looked for; empty: nothing.
std::string LoadTimeScan::word_in(const Words& words, std::size_t at) const
{
    if (m_subject == Subject::moment) {
        return moment_in(words, at);
    }
    return words[at].is_one_of(own_names) ? lower_ascii(words[at].text) : "";
}

/// What is stored by it, and what is evaluated at once.
void LoadTimeScan::take_create(const Words& words)
{
    constexpr std::size_t most_before = 5; // words, as in CREATE OR REPLACE CONSTRAINT TRIGGER
    const std::size_t kind = find_any(words, created_kinds, 1);
    if (kind > most_before) {
        note_default_literals(words, 0, words.size());
    } else if (words[kind].is("table")) {
        take_table(words);
    } else if (words[kind].is("trigger") || words[kind].is("rule")) {
        m_trigger += m_trigger.empty() ? unstable_in(words, kind, words.size()) : "";
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
        note_default_literals(words, kind, words.size());
    }
}

/// Notes what it evaluates when it is used.
void LoadTimeScan::store(const Words& words, std::size_t name, int depth)
{
    const auto written = words.name_at(name);
    const std::string what = written ? unstable_in(words, written->end, words.size(), depth) : "";
    if (!what.empty()) {
        m_stored[written->parts.back()] = what;
    }
}

void LoadTimeScan::take_table(const Words& words)
{
    const Words outside = words.outside();
    if (find(outside, "as") < outside.size() &&
        find_any(outside, query_words, find(outside, "as")) < outside.size()) {
        evaluate(words, 0, words.size());
        take_rows(words);
        return;
    }
    evaluate(words, find(words, "values", find(words, "for")), words.size()); // bounds
    std::size_t at = find(words, "table") + 1;
    at += words[at].is("if") ? 3 : 0;
    const auto name = words.name_at(at);
    if (!name) {
        return;
    }
    const std::string table = name->parts.back();
    inherit_defaults(table, words, find(words, "of", name->end) + 1);
    inherit_defaults(table, words, find(words, "inherits", name->end) + 2);
    const std::size_t end = end_of_parenthesis(words, name->end) - 1;
    for (at = name->end + 1; at < end; at = end_of_item(words, at) + 1) {
        if (words[at].is("like")) {
            inherit_defaults(table, words, at + 1);
            m_columns.erase(table);
            break;
        }
        m_columns[table].push_back(folded_name(words[at].text));
        note_default(table, words, at, std::min(end, end_of_item(words, at)));
    }
}

void LoadTimeScan::inherit_defaults(const std::string& table, const Words& words, std::size_t name)
{
    const auto from = words.name_at(name);
    const auto found = from ? m_defaults.find(from->parts.back()) : m_defaults.end();
    if (found != m_defaults.end()) {
        const auto defaults = found->second;
        m_defaults[table].insert(defaults.begin(), defaults.end());
        m_columns[table] = m_columns[from->parts.back()];
    }
}

/// 'now' is read as it is stored.
void LoadTimeScan::note_default_literals(const Words& words, std::size_t begin, std::size_t end)
{
    for (std::size_t at = begin; m_subject == Subject::moment && at < end; ++at) {
        if (is_clock_string(words[at])) {
            note(std::string(words[at].text));
        }
    }
}

void LoadTimeScan::note_default(const std::string& table, const Words& words, std::size_t begin,
                                std::size_t end)
{
    note_default_literals(words, begin, end);
    const std::size_t value = find_any(words, std::array{"default", "generated"}, begin);
    std::string what = unstable_in(words, value, end);
    const auto type = m_stored.find(folded_name(words[begin + 1].text)); // a domain's default
    if (what.empty() && type != m_stored.end()) {
        what = type->second;
    }
    if (!what.empty()) {
        m_defaults[table][folded_name(words[begin].text)] = what;
    }
}

void LoadTimeScan::take_alter(const Words& words)
{
    const std::size_t kind = find(words, "table");
    std::size_t at = kind + 1;
    at += words[at].is("if") ? 2 : 0;
    at += words[at].is("only") ? 1 : 0;
    const auto name = words.name_at(at);
    if (kind > 2 || !name) { // ALTER FOREIGN TABLE
        return;
    }
    const std::string table = name->parts.back();
    evaluate(words, find(words, "using"), words.size());
    evaluate(words, find(words, "values", find(words, "attach")), words.size());
    if (const auto renamed = words.name_at(find(words, "to", find(words, "rename")) + 1)) {
        inherit_defaults(renamed->parts.back(), words, at);
    }
    for (at = name->end; at < words.size(); at = end_of_item(words, at) + 1) {
        const std::size_t end = end_of_item(words, at);
        std::size_t column = at + 1;
        column += words[column].is("column") ? 1 : 0;
        column += words[column].is("if") ? 3 : 0;
        if (words[at].is("add") && m_has_rows) { // the rows that are there get it now
            evaluate(words, find(words, "default", column), end);
        }
        note_default(table, words, column, end);
    }
}

void LoadTimeScan::take_rows(const Words& words)
{
    if (m_subject == Subject::moment) {
        evaluate(words, 0, words.size());
    } else {
        note(stored_in(words));
    }
    const bool is_copied = words[0].is("copy");
    bool changes = is_copied;
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].is("insert") && words[at + 1].is("into")) {
            take_insert(words, at + 2);
        }
        changes = changes || words[at].is_one_of(changing_words);
    }
    m_has_rows = m_has_rows || changes;
    if (changes) {
        note(m_trigger);
    }
    if (is_copied) {
        take_copy_source(words);
        take_insert(words, 1);
    } else if (!m_defaults.empty() && words[0].is_one_of(std::array{"update", "merge"}) &&
               find(words, "default") < words.size()) {
        note(m_defaults.begin()->second.begin()->second);
    }
}

void LoadTimeScan::take_copy_source(const Words& words)
{
    const Words outside = words.outside();
    const Word& source = outside[find(outside, "from") + 1];
    if (source.kind == TokenKind::string || source.is("program")) {
        note("COPY FROM " + std::string(source.text));
    }
}

/// The columns that an INSERT or a COPY gives a value, as far as words tell.
std::set<std::string> LoadTimeScan::given_columns(const Words& words, const std::string& table,
                                                  std::size_t at) const
{
    std::set<std::string> given;
    at += words[at].is("as") ? 2 : 0;
    if (words[at].is_symbol('(')) {
        for (const std::size_t end = end_of_parenthesis(words, at); at < end; ++at) {
            given.insert(folded_name(words[at].text));
        }
        return given;
    }
    const auto known = m_columns.find(table);
    if (known == m_columns.end()) {
        return given;
    }
    std::size_t count = words[0].is("copy") ? known->second.size() : 0;
    at = find(words, "values", at) + 1;
    const std::size_t end = end_of_parenthesis(words, at);
    for (++at; count < known->second.size() && at < end; at = end_of_item(words, at) + 1) {
        ++count;
    }
    given.insert(known->second.begin(), known->second.begin() + static_cast<std::ptrdiff_t>(count));
    return given;
}

/// Columns that it doesn't give a value get their default.
void LoadTimeScan::take_insert(const Words& words, std::size_t at)
{
    const auto name = words.name_at(at);
    const auto defaults = name ? m_defaults.find(name->parts.back()) : m_defaults.end();
    if (defaults == m_defaults.end()) {
        return;
    }
    const std::set<std::string> given = given_columns(words, name->parts.back(), name->end);
    const bool says_default = find(words, "default", name->end) < words.size();
    for (const auto& [column, what] : defaults->second) {
        if (says_default || !given.contains(column)) {
            note(what);
        }
    }
}

/// Of the own name only what doesn't put statements about the database together: it has that name.
void LoadTimeScan::take_code(const Words& words)
{
    const bool is_about_database =
        m_subject == Subject::own_name && std::ranges::any_of(words, [](const Word& word) {
            return word.kind == TokenKind::string &&
                   contains_ignoring_case(literal_content(word.text), " database ");
        });
    if (!is_about_database) {
        evaluate(words, 0, words.size(), most_nested);
    }
    m_has_rows = true;
    note(m_trigger);
}

/// Empty where nothing is. `depth`: so deep strings are code.
std::string LoadTimeScan::unstable_in(const Words& words, std::size_t begin, std::size_t end,
                                      int depth) const
{
    for (std::size_t at = begin; at < std::min(end, words.size()); ++at) {
        if (std::string what = word_in(words, at); !what.empty()) {
            return what;
        }
        if (words[at].is_name()) {
            const auto stored = m_stored.find(folded_name(words[at].text));
            if (stored != m_stored.end()) {
                return stored->second;
            }
        } else if (words[at].kind == TokenKind::string && depth > 0) {
            const std::string text = literal_content(words[at].text);
            const Words inner(text);
            if (std::string what = unstable_in(inner, 0, inner.size(), depth - 1); !what.empty()) {
                return what;
            }
        }
    }
    return {};
}

std::string LoadTimeScan::stored_in(const Words& words) const
{
    for (const Word& word : words) {
        const auto stored = word.is_name() ? m_stored.find(folded_name(word.text)) : m_stored.end();
        if (stored != m_stored.end()) {
            return stored->second;
        }
    }
    return {};
}

void LoadTimeScan::note(const std::string& what)
{
    m_evaluated += m_evaluated.empty() ? what : "";
}

std::vector<Token> own_name_calls(string_view statement, Backslashes backslashes)
{
    constexpr auto catalog_words = std::to_array<string_view>(
        {"information_schema", "pg_database", "datname", "table_catalog", "catalog_name"});
    std::vector<Token> calls;
    if (!contains_ignoring_case(statement, "current_")) {
        return calls;
    }
    TokenReader reader(statement, backslashes);
    Token name; // of the last words: current_database, and its parenthesis
    int parts = 0;
    bool is_first = true;
    while (const Token* token = reader.next()) {
        const Word word{token->kind, reader.text_of(*token)};
        if (std::exchange(is_first, false) && !word.is_one_of(evaluating_verbs) &&
            !word.is_symbol('(')) {
            return {};
        }
        if (word.is_one_of(catalog_words)) {
            return {};
        }
        if (word.is("current_catalog")) {
            calls.push_back(*token);
        }
        if (word.is("current_database")) {
            name = *token;
            parts = 1;
        } else if ((parts == 1 && word.is_symbol('(')) || (parts == 2 && word.is_symbol(')'))) {
            name.end = token->end;
            if (++parts == 3) {
                calls.push_back(name);
            }
        } else {
            parts = 0;
        }
    }
    return calls;
}

} // namespace crudctl::script
