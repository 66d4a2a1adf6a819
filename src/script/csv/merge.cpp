#include "script/csv/merge.hpp"

#include "script/csv/copy.hpp"
#include "script/csv/failure.hpp"
#include "script/queries.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view staging_relation = "crudctl_seed";
constexpr std::string_view staging = "pg_temp.crudctl_seed";
constexpr std::string_view before_merge = "savepoint crudctl_merge;\n";
constexpr std::string_view after_merge =
    "release savepoint crudctl_merge; drop table pg_temp.crudctl_seed;";
constexpr std::string_view check_violation = "23514";

/// The merge of one file.
class Upsert {
public:
    Upsert(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
           const CsvOptions& options)
        : m_connection(connection),
          m_file(file),
          m_table(table),
          m_options(options),
          m_row(unused_name(table)),
          m_columns(columns_of(table))
    {}

    CsvReport run()
    {
        const std::size_t rows = stage();
        const pg::Result counts = merge();
        CsvReport report;
        report.inserted = static_cast<std::size_t>(counts[0].number("inserted"));
        report.updated = static_cast<std::size_t>(counts[0].number("updated"));
        report.unchanged = rows - std::min(rows, report.inserted + report.updated);
        return report;
    }

private:
    static std::string unused_name(const CsvTable& table)
    {
        std::string name = "row";
        const auto is_used = [&](const CsvColumn& column) { return column.name == name; };
        while (std::any_of(table.columns.begin(), table.columns.end(), is_used)) {
            name += '_';
        }
        return '"' + name + '"';
    }

    std::string listed_keys(std::string_view separator,
                            const std::function<std::string(const CsvColumn&)>& text_of) const
    {
        return listed(m_table, separator, [&](const CsvColumn& column) {
            return column.is_key ? text_of(column) : std::string();
        });
    }

    std::string listed_others(const std::function<std::string(const CsvColumn&)>& text_of) const
    {
        return listed(m_table, ", ", [&](const CsvColumn& column) {
            return column.is_key ? std::string() : text_of(column);
        });
    }

    /// Gives the number of rows.
    std::size_t stage()
    {
        const std::string keys =
            listed_keys(", ", [](const CsvColumn& column) { return column.quoted; });
        const std::string null_names = listed_keys(", ", [&](const CsvColumn& column) {
            return fmt::format("case when {} is null then {} end", column.quoted,
                               m_connection.literal(column.name));
        });
        const std::string sql =
            with_names(queries::csv_staging + queries::csv_bad_keys, {{"staging", staging},
                                                                      {"columns", m_columns},
                                                                      {"table", m_table.quoted},
                                                                      {"row", m_row},
                                                                      {"keys", keys},
                                                                      {"null_names", null_names}});
        try {
            const auto results = exec_with_csv(m_connection, sql, m_file, m_options);
            check_keys(results.at(3));
            return results.at(2).affected_rows();
        } catch (const pg::ServerError& error) {
            throw failure_of_csv(m_file, m_table, staging_relation, error, m_options);
        }
    }

    void check_keys(const pg::Result& problems) const
    {
        if (problems.empty()) {
            return;
        }
        const pg::Row problem = problems[0];
        const auto row = static_cast<std::size_t>(problem.number("row"));
        const std::string key = problem.text("key");
        if (problem.text("problem") == "null") {
            throw refusal_of_csv_row(
                m_file, m_table, row, key, fmt::format("key column \"{}\" is null", printable(key)),
                "each row needs a whole key, to be recognised by it", m_options);
        }
        const auto is_key = [](const CsvColumn& column) { return column.is_key; };
        const auto first = std::find_if(m_table.columns.begin(), m_table.columns.end(), is_key);
        const std::string names =
            listed_keys(", ", [](const CsvColumn& column) { return printable(column.name); });
        throw refusal_of_csv_row(
            m_file, m_table, static_cast<std::size_t>(problem.number("other")), first->name,
            fmt::format("key ({})=({}) stands in line {} already", names, printable(key),
                        place_of_csv_row(m_file, row).line),
            "leave one of the two out: a row can be made the same as one of them only", m_options);
    }

    pg::Result merge()
    {
        const std::string sql = std::string(before_merge) + m_options.tag + merge_text() +
                                sequence_moves(m_connection, m_table) + std::string(after_merge);
        try {
            return std::move(m_connection.exec_script(sql).at(1));
        } catch (const pg::ServerError& error) {
            if (error.sqlstate() == check_violation) {
                if (const auto row = row_against_check(error.diagnostic())) {
                    throw failure_of_csv_row(m_file, *row, error, m_options);
                }
            }
            throw failure_of_csv(m_file, m_table, staging_relation, error, m_options);
        }
    }

    std::string merge_text() const
    {
        const std::string assignments = listed_others([](const CsvColumn& column) {
            return fmt::format("{0} = excluded.{0}", column.quoted);
        });
        const std::string target_values =
            listed_others([](const CsvColumn& column) { return "target." + column.quoted; });
        const std::string staged_values =
            listed_others([](const CsvColumn& column) { return "excluded." + column.quoted; });
        const std::string match = listed_keys(" and ", [](const CsvColumn& column) {
            return fmt::format("target.{0} = excluded.{0}", column.quoted);
        });
        return with_names(assignments.empty() ? queries::csv_merge_keys : queries::csv_merge,
                          {{"staging", staging},
                           {"columns", m_columns},
                           {"table", m_table.quoted},
                           {"row", m_row},
                           {"constraint", m_connection.quoted(m_table.constraint)},
                           {"match", match},
                           {"assignments", assignments},
                           {"target_values", target_values},
                           {"staged_values", staged_values}});
    }

    /// The first row of the file that the violated condition is false for: the server names none,
    /// and doesn't say enough of its values to find it.
    std::optional<std::size_t> row_against_check(const pg::Diagnostic& diagnostic)
    {
        try {
            m_connection.exec_script("rollback to savepoint crudctl_merge");
            const std::string check = with_names(
                queries::csv_check, {{"schema", m_connection.literal(diagnostic.schema)},
                                     {"table", m_connection.literal(diagnostic.table)},
                                     {"constraint", m_connection.literal(diagnostic.constraint)}});
            const auto looked = m_connection.exec_each(pg::Connection::look_within(check));
            const pg::Result& condition = looked.at(looked.size() - 2);
            if (condition.empty()) {
                return std::nullopt;
            }
            const auto row =
                m_connection.exec(fmt::format("select min({}) as row from {} where ({}) is false",
                                              m_row, staging, condition[0].text("condition")));
            return row[0]["row"] ? std::optional(static_cast<std::size_t>(row[0].number("row")))
                                 : std::nullopt;
        } catch (const pg::ServerError&) {
            return std::nullopt; // a condition over columns that aren't in the file
        }
    }

    pg::Connection& m_connection;
    const CsvFile& m_file;
    const CsvTable& m_table;
    const CsvOptions& m_options;
    std::string m_row; // what the staging table calls the number of the row
    std::string m_columns;
};

bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

} // namespace

CsvReport upsert_csv(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
                     const CsvOptions& options)
{
    return Upsert(connection, file, table, options).run();
}

std::string with_names(std::string_view query,
                       std::initializer_list<std::pair<std::string_view, std::string_view>> values)
{
    std::string text;
    while (!query.empty()) {
        const std::size_t colon = std::min(query.find(':'), query.size());
        text += query.substr(0, colon);
        query.remove_prefix(colon);
        if (query.starts_with("::")) { // a cast
            text += "::";
            query.remove_prefix(2);
            continue;
        }
        const auto* end = std::find_if_not(query.begin() + (query.empty() ? 0 : 1), query.end(),
                                           is_name_character);
        const std::string_view token =
            query.substr(0, static_cast<std::size_t>(end - query.begin()));
        query.remove_prefix(token.size());
        if (token.size() <= 1) {
            text += token;
            continue;
        }
        const auto* value = std::find_if(values.begin(), values.end(), [&](const auto& pair) {
            return pair.first == token.substr(1);
        });
        if (value == values.end()) {
            throw std::logic_error("no value for " + std::string(token));
        }
        text += value->second;
    }
    return text;
}

} // namespace crudctl::script
