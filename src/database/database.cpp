#include "database/database.hpp"

#include "database/queries.hpp"
#include "database/swap.hpp"
#include "support/text/text.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

constexpr std::string_view out_of_memory = "53200";
constexpr std::string_view wrong_database = "3D000";

/// What may not be read may have rows.
bool has_rows(pg::Connection& connection, const std::string& table)
{
    try {
        return connection.look(fmt::format("select exists (select from only {})", table))
                   .scalar() == "t";
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() != pg::sqlstate::insufficient_privilege) {
            throw;
        }
    }
    return true;
}

std::string json_text(const std::vector<std::string>& texts)
{
    return nlohmann::json(texts).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

Change create_database(pg::Connection& maintenance, const std::string& name)
{
    try {
        maintenance.exec(
            fmt::format("create database {} template template0", maintenance.quoted(name)));
        return Change::made;
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() == pg::sqlstate::duplicate_database) {
            return Change::was_so;
        }
        throw;
    }
}

std::vector<std::string> statements_of(const pg::Connection& connection, const std::string& create,
                                       const Making& making)
{
    std::vector<std::string> statements = {create};
    if (!making.then.empty()) {
        statements.push_back(block_sql(connection, making.then));
    }
    statements.push_back(oid_query(connection, making.name));
    return statements;
}

std::string create_like(pg::Connection& maintenance, const Making& making)
{
    const std::string create = fmt::format("create database {} template template0{}",
                                           maintenance.quoted(making.name), making.creation);
    maintenance.start_sequence(statements_of(maintenance, create, making));
    return maintenance.finish_script().back().scalar().value_or("");
}

std::string carry_over_sql(const pg::Connection& connection, const std::string& from_oid,
                           const std::string& to)
{
    return from_oid.empty() ? ""
                            : with_literal(with_literal(queries::carry_over, "crudctl.from",
                                                        connection.literal(from_oid)),
                                           "crudctl.to", connection.literal(to));
}

std::string require_database_sql(const pg::Connection& connection, const std::string& name,
                                 const std::string& oid, const std::string& server_identity)
{
    const std::string is_elsewhere = fmt::format(
        " if pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute') then"
        " if (select system_identifier::text <> {} from pg_catalog.pg_control_system()) then"
        " raise exception 'the name % leads to another server', {} using errcode = '{}';"
        " end if; end if;",
        connection.literal(server_identity), connection.literal(name), wrong_database);
    return block_sql(
        connection,
        fmt::format("if not exists (select from pg_catalog.pg_database where oid = {} "
                    "and datname = {} and datname = pg_catalog.current_database()) then "
                    "raise exception 'the name % leads to database %', {}, "
                    "pg_catalog.current_database() using errcode = '{}'; end if;{}",
                    oid, connection.literal(name), connection.literal(name), wrong_database,
                    server_identity.empty() ? "" : is_elsewhere));
}

std::vector<TableRows> table_rows(pg::Connection& connection)
{
    return table_rows_in(connection.look(queries::table_rows));
}

std::vector<TableRows> table_rows_in(const pg::Result& result)
{
    std::vector<TableRows> tables;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const pg::Row row = result[i];
        tables.push_back({row.text("schema"), row.text("name"), row.number("rows"),
                          static_cast<std::size_t>(row.number("size")), row.is_true("is_exact")});
    }
    return tables;
}

// What is set holds for this transaction.
std::vector<std::string> counting_statements()
{
    return {queries::analyzed_tables, "set local search_path = ''", queries::table_rows};
}

std::vector<TableRows> count_rows(pg::Connection& connection)
{
    try {
        return table_rows_in(
            connection.exec_script(fmt::format("{}", fmt::join(counting_statements(), ";\n")))
                .back());
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() != out_of_memory) {
            throw;
        }
    }
    // One transaction would hold more locks than the server has: by itself ANALYZE takes one for
    // each table.
    connection.exec("analyze");
    return table_rows(connection);
}

std::string contents_text(const std::vector<TableRows>& tables, RowCount count)
{
    std::string text = counted(tables.size(), "table");
    long long rows = 0;
    bool is_exact = count == RowCount::just_now || tables.empty();
    for (const TableRows& table : tables) {
        if (table.rows < 0) {
            return text;
        }
        rows += table.rows;
        is_exact = is_exact && table.is_exact;
    }
    return fmt::format("{}, {}{}", text, is_exact ? "" : "about ",
                       counted(static_cast<std::size_t>(rows), "row"));
}

std::string distribution_of(pg::Connection& connection)
{
    const pg::Result tables = connection.look(queries::distribution);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (has_rows(connection, tables[i].text("name"))) {
            return "Citus spreads it over several nodes, and a copy would hold this node's part "
                   "alone";
        }
    }
    return "";
}

namespace {

std::vector<OtherDatabase> databases_of(const pg::Result& rows)
{
    std::vector<OtherDatabase> databases;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        databases.push_back({rows[i].text("name"), rows[i].text("oid"), rows[i].text("comment")});
    }
    return databases;
}

} // namespace

std::vector<OtherDatabase> other_databases(pg::Connection& connection,
                                           const std::vector<std::string>& names)
{
    return databases_of(connection.look(queries::other_databases, json_text(names)));
}

std::vector<OtherDatabase> databases_in_reach(pg::Connection& connection, const std::string& own)
{
    return databases_of(connection.look(queries::databases_in_reach, own));
}

std::string shared_state_of(pg::Connection& connection, const std::string& oid)
{
    const pg::Result found = connection.look(queries::shared_state, oid);
    return found.empty() ? "" : found[0].text("digest");
}

void put_comment_back(pg::Connection& connection, const OtherDatabase& database)
{
    const pg::Result found = connection.look(
        "select d.datname as name from pg_catalog.pg_database d where d.oid = $1::pg_catalog.oid",
        database.oid);
    if (found.size() == 1) {
        connection.exec_script(fmt::format("comment on database {} is {}",
                                           connection.quoted(found[0].text("name")),
                                           connection.literal(database.comment)));
    }
}

std::vector<std::string> statements_before_commit(const pg::Connection& connection,
                                                  const std::vector<std::string>& oids)
{
    return {"set constraints all immediate", "close all",
            with_literal(queries::hidden_reach, "crudctl.reach",
                         connection.literal(fmt::format("{{{}}}", fmt::join(oids, ","))))};
}

std::string with_literal(std::string query, const std::string& setting, const std::string& literal)
{
    const std::string placeholder = fmt::format("pg_catalog.current_setting('{}', true)", setting);
    query.replace(query.find(placeholder), placeholder.size(), literal);
    return query;
}

std::string block_sql(const pg::Connection& connection, const std::string& statements)
{
    const std::string block = fmt::format(R"(
declare
    path_before constant pg_catalog.text := pg_catalog.current_setting('search_path');
begin
    perform pg_catalog.set_config('search_path', '', true);
    {}
    perform pg_catalog.set_config('search_path', path_before, true);
end)",
                                          statements);
    return fmt::format("do language plpgsql {};", connection.literal(block));
}

} // namespace crudctl::database
