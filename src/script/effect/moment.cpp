#include "script/effect/moment.hpp"

#include "script/effect/known_names.hpp"
#include "script/sql/literal.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>

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
                                "pg_get_acl",
                                "pg_get_object_address",
                                "pg_get_userbyid",
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
                                                               "pg_create_restore_",
                                                               "pg_current_",
                                                               "pg_describe_object",
                                                               "pg_file_",
                                                               "pg_filenode_",
                                                               "pg_identify_object",
                                                               "pg_last_",
                                                               "pg_logical_",
                                                               "pg_ls_",
                                                               "pg_notification_",
                                                               "pg_postmaster_",
                                                               "pg_read_",
                                                               "pg_relation_file",
                                                               "pg_show_",
                                                               "pg_snapshot_",
                                                               "pg_stat_",
                                                               "pg_tablespace_",
                                                               "pgp_pub_encrypt",
                                                               "pgp_sym_encrypt",
                                                               "query_to_",
                                                               "schema_to_",
                                                               "table_to_xml",
                                                               "ts_stat",
                                                               "txid_"});

constexpr auto unstable_words = std::to_array<string_view>(
    {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "regrole",
     "timetz", "tablesample", "xmin", "xmax"});

// Of all databases of the server, or of its configuration.
constexpr auto shared_relations = std::to_array<string_view>({"administrable_role_authorizations",
                                                              "applicable_roles",
                                                              "column_privileges",
                                                              "enabled_roles",
                                                              "matviewowner",
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
                                                              "pg_policies",
                                                              "pg_prepared_statements",
                                                              "pg_prepared_xacts",
                                                              "pg_replication_slots",
                                                              "pg_roles",
                                                              "pg_settings",
                                                              "pg_shadow",
                                                              "pg_shdepend",
                                                              "pg_shdescription",
                                                              "pg_shmem_allocations",
                                                              "pg_subscription",
                                                              "pg_tablespace",
                                                              "pg_timezone_names",
                                                              "pg_user",
                                                              "role_column_grants",
                                                              "role_routine_grants",
                                                              "role_table_grants",
                                                              "role_usage_grants",
                                                              "routine_privileges",
                                                              "sequenceowner",
                                                              "table_privileges",
                                                              "tableowner",
                                                              "usage_privileges",
                                                              "viewowner"});

// Strings that a date or a timestamp reads as the time of day, and what may stand beside them.
constexpr auto clock_strings =
    std::to_array<string_view>({"now", "today", "tomorrow", "yesterday"});
constexpr auto beside_clock = std::to_array<string_view>(
    {"t", "z", "utc", "gmt", "am", "pm", "allballs", "infinity", "epoch"});

bool lists(const auto& list, string_view text)
{
    return std::ranges::find(list, text) != list.end();
}

} // namespace

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
        has_clock = has_clock || lists(clock_strings, part);
        if (!part.empty() && !lists(clock_strings, part) && !lists(beside_clock, part)) {
            return false;
        }
        at = std::max(end, at + 1);
    }
    return has_clock;
}

namespace {

constexpr auto date_types = std::to_array<string_view>(
    {"date", "daterange", "time", "timestamp", "timestamptz", "tsrange", "tstzrange"});

/// The same anywhere in a text, as in a JSON object.
bool holds_clock_word(const Word& word)
{
    if (word.kind != TokenKind::string) {
        return false;
    }
    const std::string text = lower_ascii(word.text);
    return std::ranges::any_of(clock_strings, [&](string_view clock) {
        for (auto at = text.find(clock); at != std::string::npos; at = text.find(clock, at + 1)) {
            const auto end = at + clock.size();
            if (!is_lower_letter(text[at - 1]) && !is_lower_letter(text[end])) {
                return true;
            }
        }
        return false;
    });
}

/// Whether the parenthesis behind the name at `at` holds columns: of an INSERT, an alias or a CTE;
/// or says how long a type is.
bool is_before_columns(const Words& words, std::size_t at)
{
    constexpr auto leading = std::to_array<string_view>({"into", "as", "table", "with"});
    std::size_t first = at;
    while (first >= 2 && words[first - 1].is_symbol('.')) {
        first -= 2;
    }
    const Word& before = first > 0 ? words[first - 1] : Word();
    const std::size_t behind = words.end_of_parenthesis(at + 1);
    return before.is_one_of(leading) || before.is_symbol(')') || before.is_symbol(':') ||
           (words[behind].is("as") && words[behind + 1].is_symbol('('));
}

} // namespace

std::string date_from_text_in(const Words& words)
{
    const bool has_date = std::ranges::any_of(
        words, [](const Word& word) { return word.is_name() && word.is_one_of(date_types); });
    const auto clock = has_date ? std::ranges::find_if(words, holds_clock_word) : words.end();
    return clock == words.end() ? std::string() : std::string(clock->text);
}

std::string unknown_call_in(const Words& words,
                            const std::function<bool(const std::string&)>& knows)
{
    constexpr auto repeatable =
        std::to_array<string_view>({"nextval", "currval", "lastval", "setval", "set_config",
                                    "pg_sleep", "lo_create", "lo_from_bytea", "lo_put"});
    for (std::size_t at = 0; at < words.size(); ++at) {
        if (!words[at].is_name() || !words[at + 1].is_symbol('(')) {
            continue;
        }
        const std::string name = folded_name(words[at].text);
        const bool is_word = words[at].kind == TokenKind::word && is_keyword(name);
        if (!is_word && !is_safe_function(name) && !lists(repeatable, name) && !knows(name) &&
            !is_before_columns(words, at)) {
            return name + "()";
        }
    }
    return {};
}

bool is_clock_field(string_view field)
{
    return std::ranges::any_of(clock_strings,
                               [&](string_view word) { return equal_ignoring_case(word, field); });
}

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
    if (is_called && (lists(unstable_functions, name) || has_prefix)) {
        return name + "()";
    }
    return lists(unstable_words, name) || lists(shared_relations, name) ||
                   name.starts_with("pg_stat_")
               ? name
               : "";
}

} // namespace crudctl::script
