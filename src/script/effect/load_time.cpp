#include "script/effect/load_time.hpp"

#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

// The list of known functions has some of them, since they change nothing.
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
                                "now",
                                "normal_rand",
                                "pg_backend_pid",
                                "pg_conf_load_time",
                                "pg_config",
                                "pg_database_size",
                                "pg_export_snapshot",
                                "pg_has_role",
                                "pg_tablespace_location",
                                "pg_tablespace_size",
                                "pg_trigger_depth",
                                "random",
                                "random_normal",
                                "row_security_active",
                                "run_maintenance",
                                "shobj_description",
                                "statement_timestamp",
                                "timeofday",
                                "to_regrole",
                                "transaction_timestamp",
                                "uuid_generate_v1",
                                "uuid_generate_v1mc",
                                "uuid_generate_v4",
                                "uuidv4",
                                "uuidv7"});

// The clock, other rows than the file's, the server's files and state, text that is run as SQL.
constexpr auto unstable_prefixes = std::to_array<string_view>({"cursor_to_",
                                                               "database_to_",
                                                               "dblink",
                                                               "has_",
                                                               "http",
                                                               "inet_client_",
                                                               "inet_server_",
                                                               "json_populate_",
                                                               "json_to_record",
                                                               "jsonb_populate_",
                                                               "jsonb_to_record",
                                                               "lo_import",
                                                               "pg_control_",
                                                               "pg_current_",
                                                               "pg_last_",
                                                               "pg_ls_",
                                                               "pg_postmaster_",
                                                               "pg_read_",
                                                               "pg_show_",
                                                               "pg_snapshot_",
                                                               "pg_stat_",
                                                               "pgp_pub_encrypt",
                                                               "pgp_sym_encrypt",
                                                               "query_to_",
                                                               "schema_to_",
                                                               "table_to_xml",
                                                               "txid_"});

constexpr auto unstable_words =
    std::to_array<string_view>({"current_date", "current_time", "current_timestamp", "localtime",
                                "localtimestamp", "regrole", "tablesample", "xmin", "xmax"});

// Of all databases of the server, or of its configuration.
constexpr auto shared_relations = std::to_array<string_view>({"administrable_role_authorizations",
                                                              "applicable_roles",
                                                              "enabled_roles",
                                                              "pg_auth_members",
                                                              "pg_authid",
                                                              "pg_available_extension_versions",
                                                              "pg_available_extensions",
                                                              "pg_config",
                                                              "pg_database",
                                                              "pg_db_role_setting",
                                                              "pg_file_settings",
                                                              "pg_group",
                                                              "pg_hba_file_rules",
                                                              "pg_locks",
                                                              "pg_parameter_acl",
                                                              "pg_replication_slots",
                                                              "pg_roles",
                                                              "pg_settings",
                                                              "pg_shadow",
                                                              "pg_shdepend",
                                                              "pg_shdescription",
                                                              "pg_subscription",
                                                              "pg_tablespace",
                                                              "pg_timezone_names",
                                                              "pg_user"});

// Strings that a date or a timestamp reads as the time of day, and what may stand beside them.
constexpr auto clock_strings =
    std::to_array<string_view>({"now", "today", "tomorrow", "yesterday"});
constexpr auto beside_clock = std::to_array<string_view>(
    {"t", "z", "utc", "gmt", "am", "pm", "allballs", "infinity", "epoch"});

constexpr auto own_names = std::to_array<string_view>({"current_database", "current_catalog"});
constexpr auto catalog_columns = std::to_array<string_view>(
    {"information_schema_catalog_name", "catalog_name", "table_catalog", "specific_catalog",
     "routine_catalog", "constraint_catalog", "udt_catalog"});

constexpr auto evaluating_verbs = std::to_array<string_view>(
    {"insert", "update", "delete", "merge", "select", "with", "values", "table", "copy"});
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

bool has(const auto& list, string_view text)
{
    return std::ranges::find(list, text) != list.end();
}

/// 'now', 'today 10:00', '[today,tomorrow)': a moment, and not a sentence with such a word.
bool is_clock_string(const Word& word)
{
    if (word.kind != TokenKind::string) {
        return false;
    }
    const std::string text = lower_ascii(literal_content(word.text));
    bool has_clock = false;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && text[end] >= 'a' && text[end] <= 'z') {
            ++end;
        }
        const string_view part = string_view(text).substr(at, end - at);
        has_clock = has_clock || has(clock_strings, part);
        if (!part.empty() && !has(clock_strings, part) && !has(beside_clock, part)) {
            return false;
        }
        at = std::max(end, at + 1);
    }
    return has_clock;
}

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
    const bool has_prefix = std::ranges::any_of(
        unstable_prefixes, [&](string_view prefix) { return name.starts_with(prefix); });
    if (is_called && (has(unstable_functions, name) || has_prefix)) {
        return name + "()";
    }
    return has(unstable_words, name) || has(shared_relations, name) || name.starts_with("pg_stat_")
               ? name
               : "";
}

std::size_t find(const Words& words, string_view keyword, std::size_t from = 0)
{
    for (; from < words.size() && !words[from].is(keyword); ++from) {}
    return from;
}

/// The first word of those of `keywords` from `from` on; words.size() where there is none.
std::size_t find_any(const Words& words, const auto& keywords, std::size_t from)
{
    while (from < words.size() && !words[from].is_one_of(keywords)) {
        ++from;
    }
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

bool begins_with_verb(string_view statement, const auto& verbs)
{
    TokenReader reader(statement);
    const Token* first = reader.next();
    return first != nullptr && Word{first->kind, reader.text_of(*first)}.is_one_of(verbs);
}

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

bool is_own_name(const Word& word)
{
    return (word.is_name() && folded_name(word.text) == "current_database") ||
           word.is("current_catalog");
}

/// CREATE TABLE … AS, which keeps rows and no expression.
bool makes_table_of_rows(string_view statement, Backslashes backslashes)
{
    constexpr std::size_t most_before = 4; // words
    const Words all(statement, backslashes);
    const Words words = all.outside();
    return words[0].is("create") && find(words, "table") <= most_before &&
           find_any(words, query_words, find(words, "as")) < words.size();
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
        if (m_subject == Subject::own_name && makes_table_of_rows(statement, backslashes) &&
            std::ranges::any_of(words, is_own_name) &&
            own_name_calls(statement, backslashes).empty()) {
            note("current_database");
        }
    } else if (words[0].is("alter")) {
        take_alter(words);
    }
}

/// In rows, by the words alone.
bool LoadTimeScan::keeps_own_name(const Words& words)
{
    return find_any(words, row_writing_words, 0) < words.size() &&
           std::ranges::any_of(words, [&](const Word& word) {
               return word.is_name() &&
                      (has(own_names, folded_name(word.text)) ||
                       (words.has("information_schema") && word.is_one_of(catalog_columns)));
           });
}

void LoadTimeScan::take_csv(const std::string& table, const std::vector<std::string>& columns)
{
    take_rows_of(table, {columns.begin(), columns.end()});
}

/// Mostly it does not, and its words need not be looked at.
bool LoadTimeScan::may_matter(string_view statement) const
{
    constexpr auto storing_verbs = std::to_array<string_view>({"create", "alter"});
    return m_subject == Subject::moment || !anything_stored().empty() ||
           contains_ignoring_case(statement, "current_") ||
           contains_ignoring_case(statement, "information_schema") ||
           begins_with_verb(statement, storing_verbs);
}

/// What the word stands for that is looked for; empty: nothing.
std::string LoadTimeScan::word_in(const Words& words, std::size_t at) const
{
    if (m_subject == Subject::moment) {
        return moment_in(words, at);
    }
    return words[at].is_name() && has(own_names, folded_name(words[at].text))
               ? folded_name(words[at].text)
               : "";
}

/// What is stored by it, and what is evaluated at once.
void LoadTimeScan::take_create(const Words& words)
{
    constexpr std::size_t most_before = 5; // words, as in CREATE OR REPLACE CONSTRAINT TRIGGER
    const std::size_t kind = find_any(words, created_kinds, 1);
    const bool is_known = kind <= most_before;
    if (is_known && words[kind].is("type") && words.has("enum")) {
        return;
    }
    note_literals(words); // they are read as they are stored
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
            m_has_rule || find_any(words, row_writing_words, find(words, "do")) < words.size();
    } else if (words[kind].is("operator") || words[kind].is("aggregate")) {
        evaluate(words, kind, words.size()); // nobody sees where an operator is used
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
    const std::size_t on = find(words, "on");
    const auto table = words.name_at(on + 1);
    constexpr auto calling = std::to_array<string_view>({"function", "procedure"});
    const auto function = words.name_at(find_any(words, calling, on) + 1);
    const std::set<std::string> names =
        function ? std::set<std::string>{function->parts.back()} : std::set<std::string>();
    if (!table || find(words, "event") < on) { // of DDL: anything fires it
        for (const std::string& name : names) {
            m_rule += m_rule.empty() ? what_of(name) : "";
        }
        return;
    }
    Table& described = described_table(table->parts.back());
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

/// Of one that the files did not create not all columns are known.
LoadTimeScan::Table& LoadTimeScan::described_table(const std::string& name)
{
    const auto [table, is_new] = m_tables.try_emplace(name);
    table->second.has_all_columns = table->second.has_all_columns && !is_new;
    return table->second;
}

/// Notes what it evaluates when it is used.
void LoadTimeScan::store(const Words& words, std::size_t name, int depth)
{
    const auto written = words.name_at(name);
    if (!written) {
        return;
    }
    Stored stored;
    for (std::size_t at = written->end; at < words.size() && stored.what.empty(); ++at) {
        stored.what = unstable_in(words, at, at + 1, depth);
    }
    add_words(words, stored.names, depth);
    stored.names.erase(written->parts.back());
    stored.writes_rows = depth > 0 && std::ranges::any_of(row_writing_words, [&](string_view word) {
                             return stored.names.contains(std::string(word));
                         });
    m_stored[written->parts.back()] = std::move(stored);
}

void LoadTimeScan::take_table(const Words& words)
{
    const Words outside = words.outside();
    if (find(outside, "as") < outside.size() &&
        find_any(outside, query_words, find(outside, "as")) < outside.size()) {
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
    Table table;
    if (words[1].is("foreign")) {
        m_stored[name->parts.back()].what = "a foreign table";
    }
    inherit(table, words, find(words, "of", name->end) + 1);
    table.has_all_columns = find(outside, "inherits") == outside.size();
    inherit(table, words, find(words, "inherits", name->end) + 2);
    const bool is_typed = words[name->end].is("of"); // with columns that no word tells
    std::size_t begin = name->end;
    while (begin < words.size() && !words[begin].is_symbol('(') && !words[begin].is("for") &&
           !words[begin].is("inherits")) {
        ++begin;
    }
    const std::size_t end = end_of_parenthesis(words, begin) - 1;
    for (at = begin + 1; words[begin].is_symbol('(') && at < end; at = end_of_item(words, at) + 1) {
        if (words[at].is("like")) {
            inherit(table, words, at + 1);
            table.has_all_columns = false;
        } else {
            table.columns.push_back(folded_name(words[at].text));
            note_column(table, words, at, std::min(end, end_of_item(words, at)));
        }
    }
    table.has_all_columns = table.has_all_columns && !is_typed && !table.columns.empty();
    m_tables[name->parts.back()] = std::move(table);
}

void LoadTimeScan::inherit(Table& table, const Words& words, std::size_t name) const
{
    const auto from = words.name_at(name);
    const auto found = from ? m_tables.find(from->parts.back()) : m_tables.end();
    if (found != m_tables.end()) {
        table.defaults.insert(found->second.defaults.begin(), found->second.defaults.end());
        table.columns.insert(table.columns.end(), found->second.columns.begin(),
                             found->second.columns.end());
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
void LoadTimeScan::note_column(Table& table, const Words& words, std::size_t begin, std::size_t end)
{
    const std::size_t value = find_any(words, std::array{"default", "generated"}, begin);
    std::string what = unstable_in(words, value, end);
    if (const auto type = words.name_at(begin + 1); what.empty() && type) {
        what = what_of(type->parts.back());
    }
    if (!what.empty()) {
        table.defaults[folded_name(words[begin].text)] = what;
    }
}

void LoadTimeScan::take_alter(const Words& words)
{
    note_literals(words);
    if (const auto renamed = words.name_at(find(words, "to", find(words, "rename")) + 1)) {
        for (const Word& word : words) {
            const auto stored = m_stored.find(folded_name(word.text));
            if (stored != m_stored.end() && stored->first != renamed->parts.back()) {
                const Stored copy = stored->second;
                m_stored[renamed->parts.back()] = copy;
                break;
            }
        }
    }
    if (words[1].is("domain")) {
        if (const std::string what = unstable_in(words, 2, words.size());
            const auto name = words.name_at(2)) {
            m_stored[name->parts.back()].what += what;
        }
    } else if (const std::size_t kind = find(words, "table"); kind <= 2) { // FOREIGN TABLE
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
    evaluate(words, find(words, "using"), words.size());
    evaluate(words, find(words, "values", find(words, "attach")), words.size());
    if (const auto renamed = words.name_at(find(words, "to", find(words, "rename")) + 1)) {
        const Table copy = m_tables[name->parts.back()];
        m_tables[renamed->parts.back()] = copy;
    }
    Table& table = described_table(name->parts.back());
    for (at = name->end; at < words.size(); at = end_of_item(words, at) + 1) {
        const std::size_t end = end_of_item(words, at);
        std::size_t column = at + 1;
        column += words[column].is("column") ? 1 : 0;
        column += words[column].is("if") ? 3 : 0;
        if (words[at].is("add") &&
            (m_has_rows || table.has_rows)) { // the rows that are there get it now
            evaluate(words, find(words, "default", column), end);
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
    } else {
        for (const Word& word : words) {
            note(word.is_name() ? what_of(folded_name(word.text)) : "");
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
        const auto table = name ? m_tables.find(name->parts.back()) : m_tables.end();
        if (table == m_tables.end() || words.has("default")) {
            fire_all();
        } else {
            fire(table->second, is_update ? "update" : "delete");
        }
    } else if (words[0].is("merge") ||
               (words[0].is("with") && (words.has("update") || words.has("delete")))) {
        fire_all();
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
std::set<std::string> LoadTimeScan::given_columns(const Words& words, const Table& table,
                                                  std::size_t at)
{
    std::set<std::string> given;
    at += words[at].is("as") ? 2 : 0;
    if (words[at].is_symbol('(')) {
        for (const std::size_t end = end_of_parenthesis(words, at); at < end; ++at) {
            given.insert(folded_name(words[at].text));
        }
        return given;
    }
    std::size_t count = words[0].is("copy") ? table.columns.size() : 0;
    at = find(words, "values", at) + 1;
    const std::size_t end = end_of_parenthesis(words, at);
    for (++at; count < table.columns.size() && at < end; at = end_of_item(words, at) + 1) {
        ++count;
    }
    given.insert(table.columns.begin(), table.columns.begin() + static_cast<std::ptrdiff_t>(count));
    return given;
}

void LoadTimeScan::take_insert(const Words& words, std::size_t at)
{
    const auto name = words.name_at(at);
    const auto found = name ? m_tables.find(name->parts.back()) : m_tables.end();
    if (found == m_tables.end() || words.has("default")) {
        m_has_rows = true;
        note(anything_stored()); // a view, or a table that no word tells of
        return;
    }
    take_rows_of(name->parts.back(), given_columns(words, found->second, name->end));
}

/// Columns that get no value get their default.
void LoadTimeScan::take_rows_of(const std::string& table, const std::set<std::string>& given)
{
    note(m_rule);
    const auto found = m_tables.find(table);
    if (found != m_tables.end()) {
        found->second.has_rows = true;
    }
    if (m_has_rule || found == m_tables.end() || !found->second.has_all_columns) {
        m_has_rows = true;
        note(anything_stored());
    }
    if (found == m_tables.end()) {
        return;
    }
    for (const auto& [column, what] : found->second.defaults) {
        if (!given.contains(column)) {
            note(what);
        }
    }
    fire(found->second, "insert");
}

/// A trigger's function of the files, or of somebody else's: nobody sees what that does.
void LoadTimeScan::fire(const Table& table, string_view event)
{
    for (const std::string& trigger : table.triggers) {
        if (!trigger.starts_with(event)) {
            continue;
        }
        constexpr auto harmless = std::to_array<string_view>({"suppress_redundant_updates_trigger",
                                                              "tsvector_update_trigger",
                                                              "tsvector_update_trigger_column"});
        const std::string name = trigger.substr(event.size() + 1);
        if (!m_stored.contains(name) && !has(harmless, name)) {
            note(name + "(), which the files do not make");
        }
        note(what_of(name));
        if (writes_rows(name)) {
            note(anything_stored());
        }
    }
}

/// Code wrote to tables that no word tells.
void LoadTimeScan::fire_all()
{
    m_has_rows = true;
    note(anything_stored());
    for (const auto& [name, table] : m_tables) {
        fire(table, "insert");
        fire(table, "update");
        fire(table, "delete");
    }
}

/// Of the own name only what doesn't put statements about the database together: it has that name.
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
    if (is_plain &&
        std::ranges::none_of(names, [&](const std::string& name) { return writes_rows(name); })) {
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
    return writes ||
           std::ranges::any_of(names, [&](const std::string& name) { return writes_rows(name); });
}

bool LoadTimeScan::writes_rows(const std::string& name, int depth) const
{
    const auto stored = m_stored.find(name);
    return stored != m_stored.end() && depth < most_nested &&
           (stored->second.writes_rows ||
            std::ranges::any_of(stored->second.names, [&](const std::string& used) {
                return writes_rows(used, depth + 1);
            }));
}

/// What a routine or a view of the files evaluates, by what it uses as well; empty: nothing.
std::string LoadTimeScan::what_of(const std::string& name, int depth) const
{
    const auto stored = m_stored.find(name);
    if (stored == m_stored.end() || depth > most_nested) {
        return {};
    }
    std::string what = stored->second.what;
    for (const std::string& used : stored->second.names) {
        what += what.empty() ? what_of(used, depth + 1) : "";
    }
    return what;
}

/// What any row could bring about; empty: nothing.
std::string LoadTimeScan::anything_stored() const
{
    for (const auto& [name, table] : m_tables) {
        if (!table.defaults.empty()) {
            return table.defaults.begin()->second;
        }
    }
    for (const auto& [name, stored] : m_stored) {
        if (!stored.what.empty()) {
            return stored.what;
        }
    }
    return m_rule;
}

/// Empty where nothing is. `depth`: so deep strings are code.
std::string LoadTimeScan::unstable_in(const Words& words, std::size_t begin, std::size_t end,
                                      int depth) const
{
    for (std::size_t at = begin; at < std::min(end, words.size()); ++at) {
        std::string what = word_in(words, at);
        if (what.empty() && words[at].is_name()) {
            what = what_of(folded_name(words[at].text));
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

void LoadTimeScan::note(const std::string& what)
{
    m_evaluated += m_evaluated.empty() ? what : "";
}

namespace {

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

std::vector<Token> own_name_calls(string_view statement, Backslashes backslashes)
{
    constexpr auto catalog_words = std::to_array<string_view>(
        {"information_schema", "pg_database", "datname", "table_catalog", "catalog_name"});
    constexpr auto verbs = std::to_array<string_view>(
        {"insert", "update", "delete", "merge", "select", "with", "values", "execute"});
    if (!contains_ignoring_case(statement, "current_") ||
        (!begins_with_verb(statement, verbs) && !makes_table_of_rows(statement, backslashes))) {
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
