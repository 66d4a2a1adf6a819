#include "script/effect/known_names.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>

namespace crudctl::script {

namespace {

#include "script/effect/function_list.inc"

constexpr std::array<std::string_view, 10> uuid_functions = {
    "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v3", "uuid_generate_v4",
    "uuid_generate_v5", "uuid_nil",           "uuid_ns_dns",      "uuid_ns_oid",
    "uuid_ns_url",      "uuid_ns_x500"};

constexpr std::array<std::string_view, 5> crypto_functions = {"crypt", "digest", "gen_random_bytes",
                                                              "gen_salt", "hmac"};

// Those of large objects, too: READ ONLY stops them from version 16 on. Of extensions those that
// change what READ ONLY doesn't guard (pg_surgery, pg_visibility), act elsewhere, or take SQL as
// text.
constexpr std::array<std::string_view, 114> outside_functions = {
    "autoprewarm_dump_now",
    "autoprewarm_start_worker",
    "brin_desummarize_range",
    "brin_summarize_new_values",
    "brin_summarize_range",
    "dblink",
    "gin_clean_pending_list",
    "heap_force_freeze",
    "heap_force_kill",
    "http",
    "http_delete",
    "http_get",
    "http_head",
    "http_patch",
    "http_post",
    "http_put",
    "invoke",
    "lo_creat",
    "lo_create",
    "lo_export",
    "lo_from_bytea",
    "lo_import",
    "lo_manage",
    "lo_open",
    "lo_put",
    "lo_truncate",
    "lo_truncate64",
    "lo_unlink",
    "lowrite",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_advisory_unlock",
    "pg_advisory_unlock_all",
    "pg_advisory_unlock_shared",
    "pg_background_launch",
    "pg_backup_start",
    "pg_backup_stop",
    "pg_buffercache_evict",
    "pg_buffercache_evict_all",
    "pg_buffercache_evict_relation",
    "pg_cancel_backend",
    "pg_copy_logical_replication_slot",
    "pg_copy_physical_replication_slot",
    "pg_create_logical_replication_slot",
    "pg_create_physical_replication_slot",
    "pg_create_restore_point",
    "pg_current_logfile",
    "pg_drop_replication_slot",
    "pg_file_rename",
    "pg_file_sync",
    "pg_file_unlink",
    "pg_file_write",
    "pg_import_system_collations",
    "pg_log_backend_memory_contexts",
    "pg_logdir_ls",
    "pg_logical_emit_message",
    "pg_logical_slot_get_binary_changes",
    "pg_logical_slot_get_changes",
    "pg_ls_archive_statusdir",
    "pg_ls_dir",
    "pg_ls_logdir",
    "pg_ls_logicalmapdir",
    "pg_ls_logicalsnapdir",
    "pg_ls_replslotdir",
    "pg_ls_summariesdir",
    "pg_ls_tmpdir",
    "pg_ls_waldir",
    "pg_nextoid",
    "pg_notify",
    "pg_promote",
    "pg_read_binary_file",
    "pg_read_file",
    "pg_read_file_old",
    "pg_reload_conf",
    "pg_replication_origin_advance",
    "pg_replication_origin_create",
    "pg_replication_origin_drop",
    "pg_replication_origin_session_reset",
    "pg_replication_origin_session_setup",
    "pg_replication_origin_xact_reset",
    "pg_replication_origin_xact_setup",
    "pg_replication_slot_advance",
    "pg_rotate_logfile",
    "pg_rotate_logfile_old",
    "pg_start_backup",
    "pg_stat_file",
    "pg_stat_force_next_flush",
    "pg_stat_reset",
    "pg_stat_reset_backend_stats",
    "pg_stat_reset_replication_slot",
    "pg_stat_reset_shared",
    "pg_stat_reset_single_function_counters",
    "pg_stat_reset_single_table_counters",
    "pg_stat_reset_slru",
    "pg_stat_reset_subscription_stats",
    "pg_stat_statements_reset",
    "pg_stop_backup",
    "pg_switch_wal",
    "pg_sync_replication_slots",
    "pg_terminate_backend",
    "pg_truncate_visibility_map",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_wal_replay_pause",
    "pg_wal_replay_resume",
    "postgres_fdw_disconnect",
    "postgres_fdw_disconnect_all",
    "query_export_to_s3",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "table_import_from_s3",
    "ts_rewrite",
    "ts_stat"};

// tablefunc's and xml2's: what they are given they run.
constexpr std::array<std::string_view, 6> text_functions = {
    "connectby", "crosstab", "crosstab2", "crosstab3", "crosstab4", "xpath_table"};

template <std::size_t Count>
bool has_name(const std::array<std::string_view, Count>& sorted, std::string_view word)
{
    return std::binary_search(sorted.begin(), sorted.end(), word);
}

template <std::size_t Count>
bool contains_folded(const std::array<std::string_view, Count>& sorted, std::string_view word)
{
    return has_name(sorted, lower_ascii(word));
}

} // namespace

bool is_safe_function(std::string_view name)
{
    return has_name(safe_functions, name);
}

std::string_view generator_extension(std::string_view name)
{
    return has_name(uuid_functions, name)     ? "uuid-ossp"
           : has_name(crypto_functions, name) ? "pgcrypto"
                                              : "";
}

bool acts_outside(std::string_view name)
{
    return name.starts_with("dblink_") || has_name(outside_functions, name);
}

bool runs_text(std::string_view name)
{
    return has_name(text_functions, name);
}

bool is_keyword(std::string_view word)
{
    return contains_folded(any_keywords, word);
}

bool is_never_function(std::string_view word)
{
    return contains_folded(reserved_words, word) || contains_folded(column_words, word);
}

bool is_never_table(std::string_view word)
{
    return contains_folded(reserved_words, word);
}

bool is_infix(std::string_view word)
{
    return contains_folded(infix_words, word);
}

} // namespace crudctl::script
