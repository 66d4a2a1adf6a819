#include "script/effect/moment.hpp"

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
