#include "script/csv_table.hpp"

#include "script/csv_name.hpp"
#include "script/csv_table_check.hpp"
#include "script/queries.hpp"
#include "script/query_text.hpp"
#include "support/suggest.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace crudctl::script {

namespace {

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
        printable(meant_table(connection.exec(queries::csv_table_names), name));
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

} // namespace

CsvTable find_csv_table(pg::Connection& connection, const CsvFile& file, const CsvTableName& name,
                        const std::vector<CsvName>& header, const CsvOptions& options)
{
    const std::string query = table_query(connection, name, options);
    const std::vector<pg::Result> results =
        options.begin_with ? options.begin_with(query) : connection.exec_script(query);
    const pg::Result& rows = results.back();
    if (rows.empty()) {
        refuse_missing(connection, file, name, options);
    }
    return check_csv_table(file, options, rows, header);
}

} // namespace crudctl::script
