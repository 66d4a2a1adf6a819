#include "script/csv/seed.hpp"

#include "script/csv/copy.hpp"
#include "script/csv/file.hpp"
#include "script/csv/merge.hpp"
#include "script/csv/table.hpp"
#include "support/text/text.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

using Clock = std::chrono::steady_clock;

bool is_signal(ExitCode code)
{
    return code == ExitCode::interrupted || code == ExitCode::terminated;
}

CsvReport load(pg::Connection& connection, const CsvSeed& seed, const CsvOptions& options)
{
    const auto start = Clock::now();
    const CsvFile file(seed.source);
    const CsvTable table =
        find_csv_table(connection, file, seed.table, read_csv_header(file), options);
    CsvReport report;
    if (table.has_rows) {
        report.is_skipped = true;
    } else if (options.mode == CsvMode::upsert) {
        report = upsert_csv(connection, file, table, options);
    } else {
        report = insert_csv(connection, file, table, options);
    }
    file.require_unchanged();
    report.file = file.shown();
    report.table = table.quoted;
    report.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return report;
}

} // namespace

CsvSeed read_csv_seed(SharedSource source)
{
    try {
        const CsvFile opened(source);
        CsvSeed seed{std::move(source), table_of_csv_file(opened), {}, opened.size()};
        for (CsvName& name : read_csv_header(opened)) {
            seed.columns.push_back(std::move(name.text));
        }
        return seed;
    } catch (const ScriptError& error) {
        throw error.with_state("nothing was run");
    }
}

CsvReport load_csv(pg::Connection& connection, const CsvSeed& seed, const CsvOptions& options)
{
    try {
        return load(connection, seed, options);
    } catch (const ScriptError& error) {
        throw error.with_state(options.state_after_failure);
    } catch (const pg::ConnectionLost& error) {
        throw Error(
            ExitCode::failed,
            fmt::format("{} (while \"{}\" was being loaded)", error.what(), seed.source->shown()),
            options.state_after_failure);
    } catch (const Error& error) {
        if (is_signal(error.code())) {
            throw Error(error.code(), error.what(), options.state_after_failure);
        }
        throw;
    }
}

std::string CsvReport::text() const
{
    if (is_skipped) {
        return fmt::format("{} has rows already", printable(table));
    }
    std::string text;
    const auto add = [&](std::size_t count, std::string_view what) {
        if (count > 0) {
            text += text.empty() ? counted(count, "row") : fmt::format(", {}", count);
            text += fmt::format(" {}", what);
        }
    };
    add(inserted, "inserted");
    add(updated, "updated");
    add(unchanged, "unchanged");
    return text.empty() ? "no rows" : text;
}

} // namespace crudctl::script
