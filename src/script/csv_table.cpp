#include "script/csv_table.hpp"

#include "script/csv_name.hpp"
#include "script/csv_table_check.hpp"
#include "script/queries.hpp"
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

} // namespace

CsvTable find_csv_table(pg::Connection& connection, const CsvFile& file, const CsvTableName& name,
                        const std::vector<CsvName>& header, const CsvOptions& options)
{
    const pg::Result rows = connection.exec(
        queries::csv_table, name.schema, lower_ascii(name.schema), name.table,
        lower_ascii(name.table), options.mode == CsvMode::upsert ? options.constraint : "",
        options.mode == CsvMode::if_empty);
    if (rows.empty()) {
        refuse_missing(connection, file, name, options);
    }
    return check_csv_table(file, options, rows, header);
}

} // namespace crudctl::script
