#include "script/csv/table.hpp"

#include "script/csv/file.hpp"
#include "script/csv/merge.hpp"
#include "script/queries.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

pg::Result look_within(pg::Connection& connection, const std::string& query)
{
    std::vector<pg::Result> results = connection.exec_each(pg::Connection::look_within(query));
    return std::move(results.at(results.size() - 2));
}

std::string full_name(const CsvTableName& name)
{
    return name.schema.empty() ? name.table : name.schema + "." + name.table;
}

/// One that the search path doesn't find, or one that is spelt nearly so.
std::string meant_table(const pg::Result& tables, const CsvTableName& name)
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const std::string relation = tables[i].text("relation");
        names.push_back(tables[i].text(name.schema.empty() ? "name" : "full_name"));
        if (relation == name.table || relation == lower_ascii(name.table)) {
            return tables[i].text("full_name");
        }
    }
    return nearest(full_name(name), names).value_or("");
}

[[noreturn]] void refuse_missing(pg::Connection& connection, const CsvFile& file,
                                 const CsvTableName& name, const CsvOptions& options)
{
    const std::string meant =
        printable(meant_table(look_within(connection, queries::csv_table_names), name));
    Place no_place;
    no_place.line = 0;
    throw ScriptError(
        file.error(no_place, fmt::format("there is no table \"{}\"", printable(full_name(name))),
                   meant.empty() ? "the file's name says which table it is for"
                                 : fmt::format("there is \"{0}\": its file would be {0}{1}", meant,
                                               csv_ending(file.path())),
                   options.state_after_failure));
}

std::string table_query(const pg::Connection& connection, const CsvTableName& name,
                        const CsvOptions& options)
{
    const bool is_upsert = options.mode == CsvMode::upsert;
    return with_names(
        queries::csv_table,
        {{"schema", connection.literal(name.schema)},
         {"folded_schema", connection.literal(lower_ascii(name.schema))},
         {"table", connection.literal(name.table)},
         {"folded_table", connection.literal(lower_ascii(name.table))},
         {"constraint", connection.literal(is_upsert ? options.constraint : std::string())},
         {"looks_for_rows", options.mode == CsvMode::if_empty ? "true" : "false"}});
}

/// Checks the table's description against the file, from the table to its single columns.
class TableCheck {
public:
    TableCheck(const CsvFile& file, const CsvOptions& options, const pg::Result& rows)
        : m_file(file), m_options(options), m_rows(rows), m_shown(printable(rows[0].text("quoted")))
    {}

    CsvTable table(const std::vector<CsvName>& header)
    {
        check_kind();
        check_rules();
        CsvTable table;
        table.relation = fact("relation");
        table.quoted = fact("quoted");
        table.constraint = fact("constraint_name");
        table.has_rows = has_rows();
        for (const CsvName& name : header) {
            table.columns.push_back(column(name, table));
        }
        if (is_upsert()) {
            check_key(table);
        }
        return table;
    }

private:
    std::string fact(const char* name) const { return m_rows[0].text(name); }
    bool is_upsert() const { return m_options.mode == CsvMode::upsert; }

    [[noreturn]] void refuse(const Place& place, std::string message, std::string hint) const
    {
        throw ScriptError(m_file.error(place, std::move(message), std::move(hint),
                                       m_options.state_after_failure));
    }

    void check_kind() const
    {
        const std::string kind = fact("kind");
        if (kind == "v" || kind == "m") {
            refuse(m_file.begin(), fmt::format("{} is a view", m_shown),
                   "CSV is loaded into tables: name the file after the one behind the view");
        }
        if (!m_rows[0].is_true("may_enter")) {
            refuse_right(m_file.begin(), "may not use the schema of", "USAGE on its schema");
        }
    }

    void check_rules() const
    {
        if (m_rows[0].is_true("has_row_security")) {
            refuse(m_file.begin(),
                   fmt::format("row-level security of {} applies to role \"{}\", and COPY doesn't "
                               "work with it",
                               m_shown, printable(fact("role"))),
                   "load it as the table's owner or a role with BYPASSRLS, or write the seed as "
                   "SQL");
        }
        const std::string rule = printable(fact("insert_rule"));
        if (!rule.empty()) {
            refuse(m_file.begin(),
                   fmt::format("{} has a rule, \"{}\", which COPY would pass by", m_shown, rule),
                   "make it a trigger, or write the seed as SQL");
        }
        const std::string update_rule = printable(fact("update_rule"));
        if (is_upsert() && !update_rule.empty()) {
            refuse(m_file.begin(),
                   fmt::format("{} has a rule, \"{}\", and Postgres can't upsert with one", m_shown,
                               update_rule),
                   "make it a trigger, or write the seed as SQL");
        }
    }

    bool has_rows() const
    {
        if (m_options.mode == CsvMode::if_empty && !m_rows[0]["has_rows"]) {
            refuse_right(m_file.begin(), "may not look whether there are rows in", "SELECT");
        }
        return m_rows[0].is_true("has_rows");
    }

    CsvColumn column(const CsvName& name, const CsvTable& table) const
    {
        const pg::Row row = m_rows[row_of(name)];
        CsvColumn column{row.text("name"),
                         row.text("quoted_name"),
                         name.place,
                         is_upsert() && row.is_true("is_key"),
                         row.is_true("is_identity_always"),
                         row.text("sequence")};
        const auto is_same = [&](const CsvColumn& other) { return other.name == column.name; };
        if (std::any_of(table.columns.begin(), table.columns.end(), is_same)) {
            refuse(name.place,
                   fmt::format("column \"{}\" stands twice in the header", printable(column.name)),
                   "leave one of them out");
        }
        if (row.is_true("is_generated")) {
            refuse(name.place,
                   fmt::format("column \"{}\" is generated: it takes no values",
                               printable(column.name)),
                   "leave it out of the file");
        }
        check_rights(column, row);
        if (is_upsert() && column.is_identity_always && !column.is_key) {
            refuse(name.place,
                   fmt::format("column \"{}\" is GENERATED ALWAYS AS IDENTITY and not of the key: "
                               "it can't be updated",
                               printable(column.name)),
                   "leave it out of the file, or upsert by a constraint that it is part of");
        }
        return column;
    }

    /// As the name is spelt, otherwise as it is folded.
    std::size_t row_of(const CsvName& name) const
    {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            names.push_back(m_rows[i].text("name"));
        }
        auto found = std::find(names.begin(), names.end(), name.text);
        if (found == names.end()) {
            found = std::find(names.begin(), names.end(), lower_ascii(name.text));
        }
        if (found == names.end()) {
            refuse(name.place,
                   fmt::format("{} has no column \"{}\"", m_shown, printable(name.text)),
                   column_hint(name.text, names));
        }
        return static_cast<std::size_t>(std::distance(names.begin(), found));
    }

    static std::string column_hint(std::string_view name, const std::vector<std::string>& names)
    {
        if (name.find_first_of(";\t|") != std::string_view::npos) {
            return "the fields have to be separated by commas";
        }
        if (const auto meant = nearest(name, names)) {
            return fmt::format("did you mean \"{}\"?", printable(*meant));
        }
        return fmt::format("its columns: {}", printable(fmt::format("{}", fmt::join(names, ", "))));
    }

    void check_rights(const CsvColumn& column, const pg::Row& row) const
    {
        const auto require = [&](const char* right, std::string_view verb, const char* grant) {
            if (!row.is_true(right)) {
                refuse_right(
                    column.place,
                    fmt::format("may not {} column \"{}\" of", verb, printable(column.name)),
                    grant);
            }
        };
        require("may_insert", "insert into", "INSERT");
        if (is_upsert()) {
            require("may_select", "read", "SELECT");
        }
        if (is_upsert() && !column.is_key) {
            require("may_update", "update", "UPDATE");
        }
        if (!column.sequence.empty() && !row.is_true("may_move")) {
            refuse(column.place,
                   fmt::format("role \"{}\" may not move sequence {} past the loaded keys",
                               printable(fact("role")), printable(column.sequence)),
                   fmt::format("as an administrator: GRANT SELECT, UPDATE ON SEQUENCE {} TO \"{}\"",
                               column.sequence, printable(fact("role"))));
        }
        if (!column.sequence.empty()) {
            require("may_select", "read", "SELECT");
        }
    }

    [[noreturn]] void refuse_right(const Place& place, std::string_view what,
                                   std::string_view right) const
    {
        const std::string role = printable(fact("role"));
        refuse(place, fmt::format("role \"{}\" {} {}", role, what, m_shown),
               fmt::format("as an administrator: GRANT {} ON {} TO \"{}\"", right, m_shown, role));
    }

    void check_key(const CsvTable& table) const
    {
        const std::string others = fact("constraints");
        const std::string has =
            others.empty() ? "it has no unique constraint" : "its constraints: " + others;
        if (table.constraint.empty() && m_options.constraint.empty()) {
            refuse(m_file.begin(), fmt::format("{} has no primary key to upsert by", m_shown),
                   others.empty() ? has : "name a unique constraint; " + has);
        }
        if (table.constraint.empty()) {
            refuse(m_file.begin(),
                   fmt::format("{} has no unique constraint \"{}\"", m_shown,
                               printable(m_options.constraint)),
                   has);
        }
        if (m_rows[0].is_true("is_deferrable")) {
            refuse(m_file.begin(),
                   fmt::format("constraint \"{}\" of {} is deferrable: Postgres can't upsert by it",
                               printable(table.constraint), m_shown),
                   has);
        }
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const std::string name = m_rows[i].text("name");
            const auto is_it = [&](const CsvColumn& column) { return column.name == name; };
            if (m_rows[i].is_true("is_key") &&
                std::none_of(table.columns.begin(), table.columns.end(), is_it)) {
                refuse(m_file.begin(),
                       fmt::format("the header lacks \"{}\", a column of the key {}",
                                   printable(name), table.constraint),
                       "rows can't be recognised without it");
            }
        }
    }

    const CsvFile& m_file;
    const CsvOptions& m_options;
    const pg::Result& m_rows;
    std::string m_shown;
};

} // namespace

CsvTable find_csv_table(pg::Connection& connection, const CsvFile& file, const CsvTableName& name,
                        const std::vector<CsvName>& header, const CsvOptions& options)
{
    const auto looking = pg::Connection::look_within(table_query(connection, name, options));
    const std::vector<pg::Result> results =
        options.begin_with ? options.begin_with(looking) : connection.exec_each(looking);
    const pg::Result& rows = results.at(results.size() - 2);
    if (rows.empty()) {
        refuse_missing(connection, file, name, options);
    }
    return check_csv_table(file, options, rows, header);
}

CsvTable check_csv_table(const CsvFile& file, const CsvOptions& options, const pg::Result& rows,
                         const std::vector<CsvName>& header)
{
    return TableCheck(file, options, rows).table(header);
}

} // namespace crudctl::script
