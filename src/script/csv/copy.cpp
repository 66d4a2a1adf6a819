#include "script/csv/copy.hpp"

#include "script/csv/failure.hpp"
#include "script/csv/merge.hpp"
#include "script/queries.hpp"

#include <array>

#include <fmt/format.h>

namespace crudctl::script {

std::vector<pg::Result> exec_with_csv(pg::Connection& connection, const std::string& sql,
                                      const CsvFile& file, const CsvOptions& options)
{
    CsvChunks chunks(file);
    const std::array<pg::CopySource, 1> sources = {[&] {
        if (options.on_progress) {
            options.on_progress(chunks.file_bytes(), file.size());
        }
        return chunks.next();
    }};
    pg::ScriptIO io;
    io.copies = sources;
    return connection.exec_script(sql, io);
}

std::string listed(const CsvTable& table, std::string_view separator,
                   const std::function<std::string(const CsvColumn&)>& text_of)
{
    std::string list;
    for (const CsvColumn& column : table.columns) {
        const std::string text = text_of(column);
        list += list.empty() || text.empty() ? "" : separator;
        list += text;
    }
    return list;
}

std::string columns_of(const CsvTable& table)
{
    return listed(table, ", ", [](const CsvColumn& column) { return column.quoted; });
}

std::string sequence_moves(const pg::Connection& connection, const CsvTable& table)
{
    const std::string moves = listed(table, "", [&](const CsvColumn& column) {
        return column.sequence.empty()
                   ? std::string()
                   : with_names(queries::csv_sequence,
                                {{"sequence", column.sequence},
                                 {"sequence_text", connection.literal(column.sequence)},
                                 {"column", column.quoted},
                                 {"table", table.quoted}});
    });
    // Each file begins with the path of the log-in.
    return moves.empty() ? "" : "set search_path = '';\n" + moves + "reset search_path;\n";
}

CsvReport insert_csv(pg::Connection& connection, const CsvFile& file, const CsvTable& table,
                     const CsvOptions& options)
{
    const std::string copy =
        fmt::format("copy {} ({}) from stdin (format csv, header true, encoding 'UTF8');\n",
                    table.quoted, columns_of(table));
    try {
        const auto results =
            exec_with_csv(connection, copy + sequence_moves(connection, table), file, options);
        CsvReport report;
        report.inserted = results.at(0).affected_rows();
        return report;
    } catch (const pg::ServerError& error) {
        throw failure_of_csv(file, table, table.relation, error, options);
    }
}

} // namespace crudctl::script
