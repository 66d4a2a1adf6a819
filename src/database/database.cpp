#include "database/database.hpp"

#include "database/queries.hpp"
#include "database/swap.hpp"
#include "support/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

constexpr std::string_view out_of_memory = "53200";

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
        const std::string block =
            fmt::format("begin execute {}; end", connection.literal(making.then));
        statements.push_back("do language plpgsql " + connection.literal(block));
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

Change drop_database(const Permit& permit, pg::Connection& maintenance, const std::string& name)
{
    try {
        maintenance.exec(
            fmt::format("{}drop database {} with (force)", permit.tag(), maintenance.quoted(name)));
        return Change::made;
    } catch (const pg::ServerError& error) {
        if (error.sqlstate() == pg::sqlstate::missing_database) {
            return Change::was_so;
        }
        throw;
    }
}

std::vector<TableRows> table_rows(pg::Connection& connection)
{
    return table_rows_in(connection.exec(queries::table_rows));
}

std::vector<TableRows> table_rows_in(const pg::Result& result)
{
    std::vector<TableRows> tables;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const pg::Row row = result[i];
        tables.push_back({row.text("schema"), row.text("name"), row.number("rows"),
                          static_cast<std::size_t>(row.number("size"))});
    }
    return tables;
}

std::string counting_sql()
{
    return queries::analyzed_tables + queries::table_rows;
}

std::vector<TableRows> count_rows(pg::Connection& connection)
{
    try {
        return table_rows_in(connection.exec_script(counting_sql()).back());
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

std::string contents_text(const std::vector<TableRows>& tables)
{
    std::string text = counted(tables.size(), "table");
    long long rows = 0;
    for (const TableRows& table : tables) {
        if (table.rows < 0) {
            return text;
        }
        rows += table.rows;
    }
    return fmt::format("{}, {}", text, counted(static_cast<std::size_t>(rows), "row"));
}

} // namespace crudctl::database
