#include "script/effect/outside.hpp"

#include "script/sql/literal.hpp"
#include "script/sql/words.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 9> reaching_verbs = {
    "comment", "alter", "grant", "revoke", "security", "create", "drop", "reassign", "do"};

constexpr std::array<string_view, 7> row_verbs = {"insert", "update",   "delete", "merge",
                                                  "with",   "truncate", "copy"};

// Shared by all databases of a server; a superuser may change their rows.
constexpr std::array<string_view, 11> shared_catalogs = {
    "pg_auth_members",  "pg_authid",     "pg_database",          "pg_db_role_setting",
    "pg_parameter_acl", "pg_shdepend",   "pg_shdescription",     "pg_shseclabel",
    "pg_subscription",  "pg_tablespace", "pg_replication_origin"};

constexpr std::array<string_view, 3> role_words = {"role", "user", "group"};

// Whose text may hold statements that are run as they are loaded.
constexpr std::array<string_view, 6> code_verbs = {"do",     "call", "create",
                                                   "select", "with", "execute"};

constexpr std::array<string_view, 7> database_verbs = {"alter",  "do",   "call",   "create",
                                                       "select", "with", "execute"};

constexpr std::size_t most_shown_columns = 60;

constexpr int deepest_body = 4;

/// ALTER DATABASE of the own one, ALTER ROLE.
void take_alter(const Words& words, DatabaseChanges& changes)
{
    const auto set =
        std::find_if(words.begin(), words.end(), [](const Word& word) { return word.is("set"); });
    changes.may_change_sessions =
        changes.may_change_sessions || set != words.end() || words.has("reset");
    if (set == words.end()) {
        return;
    }
    if (const auto name = words.name_at(static_cast<std::size_t>(set - words.begin()) + 1)) {
        changes.settings.push_back(lower_ascii(fmt::format("{}", fmt::join(name->parts, "."))));
    }
}

/// Whether a copy that is given the database's settings and privileges lacks what the statement
/// says: also where it takes something away that another database may have.
bool is_lost(const Words& words)
{
    constexpr std::array<string_view, 3> kept = {"set", "connection", "in"}; // IN DATABASE … SET
    if (words[0].is("grant") || words[0].is("revoke")) {
        return words[0].is("grant") == words.has("public");
    }
    const bool is_plain =
        std::ranges::any_of(kept, [&](string_view word) { return words.has(word); });
    return !words[0].is("alter") || !is_plain || words.has("default") || words.has("reset") ||
           words.has("tablespace") || words.has("current") ||
           std::ranges::any_of(words, [](const Word& word) { return word.is_symbol('-'); });
}

/// Code that composes such statements.
void take_code(const std::string& text, DatabaseChanges& changes)
{
    const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
    const bool alters = has("alter");
    changes.may_change_sessions =
        changes.may_change_sessions ||
        (alters && has("set") && (has("database") || has("role") || has("user")));
    constexpr std::array<const char*, 10> of_server = {
        "create role", "create user", "create group", "alter role",        "alter user",
        "drop role",   "drop user",   "on role",      "create tablespace", "alter system"};
    changes.is_lost_by_copy = changes.is_lost_by_copy ||
                              (has("database") && (has("comment") || (alters && has("owner")))) ||
                              std::ranges::any_of(of_server, has);
}

/// Takes the names behind the word at `at`, up to the first that no comma leads to.
void take_names(const Words& words, std::size_t at, OutsideStatement& outside)
{
    do {
        ++at;
        if (words[at].is("if")) { // [NOT] EXISTS
            at += words[at + 1].is("not") ? 3 : 2;
        }
        if (!words[at].is_name()) {
            // psql's own variable is the database at hand.
            const bool is_own =
                folded_name(words[at + 1].text) == "dbname" || words[at + 1].text == "\"DBNAME\"";
            outside.has_unknown_name =
                outside.has_unknown_name || (words[at].is_symbol(':') && !is_own);
            break;
        }
        outside.databases.push_back(folded_name(words[at].text));
        ++at;
        outside.has_unknown_name = outside.has_unknown_name || words[at].is("uescape");
    } while (words[at].is_symbol(','));
}

/// The same of code in a string, and in the strings in that.
void take_body(string_view text, OutsideStatement& outside, int depth)
{
    constexpr std::array<string_view, 5> leading = {"on", "in", "drop", "alter", "create"};
    const Words words(text);
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (words[at].kind == TokenKind::string && depth < deepest_body) {
            take_body(literal_content(words[at].text), outside, depth + 1);
        } else if (at > 0 && words[at].is("database") && words[at - 1].is_one_of(leading)) {
            take_names(words, at, outside);
        }
    }
}

/// A quick scan: most statements don't.
bool holds_shared_catalog(string_view text)
{
    for (std::size_t at = text.find('_'); at != string_view::npos; at = text.find('_', at + 1)) {
        const bool may_begin = at >= 2 && (text[at - 1] == 'g' || text[at - 1] == 'G') &&
                               (text[at - 2] == 'p' || text[at - 2] == 'P');
        if (may_begin && std::ranges::any_of(shared_catalogs, [&](string_view name) {
                return equal_ignoring_case(text.substr(at - 2, name.size()), name);
            })) {
            return true;
        }
    }
    return false;
}

/// DO, and what makes a function.
bool holds_code(const Words& words)
{
    constexpr std::array<string_view, 2> routines = {"function", "procedure"};
    return words[0].is("do") ||
           (words[0].is("create") && words[words[1].is("or") ? 3 : 1].is_one_of(routines));
}

/// Whether the word at `at` is the table that a statement, or a part of one, changes.
bool is_changed(const Words& words, std::size_t at)
{
    const auto before = [&](std::size_t distance) {
        return distance <= at ? words[at - distance] : Word();
    };
    std::size_t distance = before(1).is_symbol('.') ? 3 : 1;
    distance += before(distance).is("only") ? 1 : 0;
    const Word& word = before(distance);
    const Word& earlier = before(distance + 1);
    return word.is("update") || word.is("into") || word.is("truncate") || word.is("copy") ||
           (word.is("from") && earlier.is("delete")) ||
           (word.is("table") && earlier.is("truncate"));
}

bool changes_shared_catalog(const Words& words, int depth = 0)
{
    for (std::size_t at = 1; at < words.size(); ++at) {
        if (words[at].kind == TokenKind::string && depth < deepest_body) {
            const std::string content = literal_content(words[at].text);
            if (holds_shared_catalog(content) &&
                changes_shared_catalog(Words(content), depth + 1)) {
                return true;
            }
        } else if (words[at].is_name() &&
                   std::ranges::find(shared_catalogs, folded_name(words[at].text)) !=
                       shared_catalogs.end() &&
                   is_changed(words, at)) {
            return true;
        }
    }
    return false;
}

/// A quick scan for what may open a session of its own: dblink's functions, and a foreign server.
bool may_connect(string_view text, const Word& verb)
{
    constexpr string_view name = "dblink";
    for (std::size_t end = name.size(); end <= text.size(); ++end) {
        if ((text[end - 1] == 'k' || text[end - 1] == 'K') &&
            equal_ignoring_case(text.substr(end - name.size(), name.size()), name)) {
            return true;
        }
    }
    return verb.is("create") || verb.is("alter");
}

/// The database of a connection string: behind "dbname=", or at the end of a URL.
std::string database_of(string_view text)
{
    constexpr string_view keyword = "dbname";
    std::size_t at = text.find(keyword);
    if (at != string_view::npos) {
        at = text.find_first_not_of(" =", at + keyword.size());
    } else if (text.starts_with("postgres")) {
        at = text.find('/', text.find("://") + 3);
        at += at == string_view::npos ? 0 : 1;
    }
    if (at >= text.size()) {
        return {};
    }
    at += text[at] == '\'' ? 1 : 0;
    return std::string(text.substr(at, text.find_first_of(" '?", at) - at));
}

/// Whether it opens a session of its own; the databases that its strings name are taken. A foreign
/// server has it as an option: dbname 'x'.
bool takes_connections(const Words& words, OutsideStatement& outside, int depth = 0)
{
    bool connects = false;
    for (std::size_t at = 0; at < words.size(); ++at) {
        connects = connects ||
                   (words[at].is_name() && folded_name(words[at].text).starts_with("dblink")) ||
                   (words[at].is("server") && at < 4);
        if (words[at].kind != TokenKind::string) {
            continue;
        }
        const std::string content = literal_content(words[at].text);
        const bool is_option = at > 0 && words[at - 1].is("dbname");
        const std::string name = is_option ? content : database_of(content);
        if (!name.empty()) {
            outside.databases.push_back(name);
        }
        connects =
            (depth < deepest_body && takes_connections(Words(content), outside, depth + 1)) ||
            connects;
    }
    return connects;
}

/// Where the word DATABASE says that names of databases follow it: behind the verb, ON or IN.
std::optional<std::size_t> database_word(const Words& words)
{
    for (std::size_t at = 1; at < words.size(); ++at) {
        if (words[at].is("database") &&
            (at == 1 || words[at - 1].is("on") || words[at - 1].is("in"))) {
            return at;
        }
    }
    return std::nullopt;
}

bool has_pair(const Words& words, string_view first, string_view second)
{
    for (std::size_t at = 0; at + 1 < words.size(); ++at) {
        if (words[at].is(first) && words[at + 1].is(second)) {
            return true;
        }
    }
    return false;
}

/// GRANT a TO b: what isn't ON something is membership in a role.
bool grants_membership(const Words& words)
{
    return (words[0].is("grant") || words[0].is("revoke")) &&
           std::ranges::none_of(words, [](const Word& word) { return word.is("on"); });
}

bool is_cluster_wide(const Words& words)
{
    const bool makes = words[0].is("create") || words[0].is("alter") || words[0].is("drop");
    const bool is_role = words[1].is_one_of(role_words) && !words[2].is("mapping");
    return (makes && (is_role || words[1].is("tablespace"))) ||
           (words[0].is("alter") && words[1].is("system")) ||
           ((words[0].is("drop") || words[0].is("reassign")) && words[1].is("owned")) ||
           has_pair(words, "on", "role") || has_pair(words, "on", "tablespace") ||
           has_pair(words, "on", "parameter") || grants_membership(words);
}

/// Its words up to the first literal, which may be a secret.
std::string shown(const Words& words)
{
    std::string text;
    for (const Word& word : words) {
        const bool is_value = word.kind == TokenKind::string || word.is("password");
        if (is_value || word.is_symbol(';') || text.size() > most_shown_columns) {
            break;
        }
        const bool is_joined = word.is_symbol(',') || word.is_symbol('.') || text.ends_with('.');
        text += text.empty() || is_joined ? "" : " ";
        text += word.text;
    }
    return shortened(printable(text), most_shown_columns);
}

} // namespace

std::string OutsideStatement::text() const
{
    return fmt::format("{} ({}:{})", what, file, line);
}

OutsideStatement outside_of(string_view statement, string_view database, Backslashes backslashes)
{
    OutsideStatement outside;
    TokenReader reader(statement, backslashes);
    const Token* const first = reader.next();
    if (first == nullptr || first->kind != TokenKind::word) {
        return outside;
    }
    const Word verb{first->kind, reader.text_of(*first)};
    const bool may_change_catalog =
        holds_shared_catalog(statement) &&
        (verb.is_one_of(row_verbs) || verb.is("explain") || verb.is("do") || verb.is("create"));
    const bool may_open_session = may_connect(statement, verb);
    if (!may_change_catalog && !may_open_session && !verb.is_one_of(reaching_verbs)) {
        return outside;
    }
    const Words words(statement, backslashes);
    OutsideStatement connection;
    const bool connects = may_open_session && takes_connections(words, connection);
    if (connects) {
        outside.databases = std::move(connection.databases);
    }
    outside.changes_catalog = may_change_catalog && changes_shared_catalog(words);
    if (!verb.is_one_of(reaching_verbs)) {
        std::erase(outside.databases, database);
        outside.what = outside.changes_catalog || !outside.databases.empty() ? shown(words) : "";
        return outside;
    }
    if (const auto at = database_word(words)) {
        take_names(words, *at, outside);
    }
    if (holds_code(words)) {
        take_body(statement, outside, 0);
    }
    std::erase(outside.databases, database);
    if (!outside.databases.empty() || outside.has_unknown_name || outside.changes_catalog ||
        is_cluster_wide(words)) {
        outside.what = shown(words);
    }
    return outside;
}

OutsideStatement outside_of_generated(string_view query, string_view database)
{
    OutsideStatement outside;
    take_body(query, outside, 0);
    const std::string lower = lower_ascii(query);
    const bool shows_no_name =
        outside.databases.empty() && lower.find("current_database") == std::string::npos;
    outside.has_unknown_name =
        outside.has_unknown_name || (shows_no_name && lower.find("database") != std::string::npos);
    std::erase(outside.databases, database);
    outside.changes_catalog = changes_shared_catalog(Words(query));
    if (!outside.databases.empty() || outside.has_unknown_name || outside.changes_catalog) {
        outside.what = shown(Words(query));
    }
    return outside;
}

void DatabaseChanges::add(string_view statement, bool is_about_own, Backslashes backslashes)
{
    if (!is_about_own && !begins_with(statement, database_verbs)) {
        return; // rows, mostly
    }
    const Words words(statement, backslashes);
    if (words[0].is("alter") && (is_about_own || words[1].is_one_of(role_words))) {
        take_alter(words, *this);
    } else if (words[0].is_one_of(code_verbs)) {
        take_code(lower_ascii(statement), *this);
    }
    is_lost_by_copy = is_lost_by_copy || (is_about_own && is_lost(words));
}

void DatabaseChanges::add(const DatabaseChanges& other)
{
    may_change_sessions = may_change_sessions || other.may_change_sessions;
    settings.insert(settings.end(), other.settings.begin(), other.settings.end());
    is_lost_by_copy = is_lost_by_copy || other.is_lost_by_copy;
}

} // namespace crudctl::script
