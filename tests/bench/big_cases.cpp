#include "bench/big_file.hpp"
#include "bench/cases.hpp"
#include "bench/workplace.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds near{0};
constexpr std::size_t mebi = std::size_t{1} << 20U;

/// Runs in a database of its own and makes sure that every row is there.
template <typename Run>
Sample with_all_rows(std::size_t rows, Run&& run)
{
    const Workplace workplace(near);
    Sample sample = run(workplace);
    if (sample.failure.empty()) {
        workplace.expect("select count(*) from events", std::to_string(rows));
    }
    return sample;
}

std::vector<Side> sides_of_load(const ProjectFolder& project, const std::string& file,
                                std::size_t rows)
{
    const auto psql = [=](const std::vector<std::string>& arguments) {
        return with_all_rows(rows,
                             [&](const Workplace& workplace) { return workplace.psql(arguments); });
    };
    return {{Way::crudctl,
             [=, &project] {
                 return with_all_rows(rows, [&](const Workplace& workplace) {
                     return workplace.crudctl(project, {"schema-load", "-f", file});
                 });
             }},
            {Way::psql,
             [=] {
                 return psql({"-f", file});
             }},
            {Way::psql_one_transaction, [=] {
                 return psql({"-1", "-f", file});
             }}};
}

bool has_room(const std::filesystem::path& folder, std::size_t bytes)
{
    return std::filesystem::space(folder).available > bytes;
}

} // namespace

std::vector<Comparison> compare_csv(const Scale& scale)
{
    const std::size_t rows = scale.is_trial ? 1000 : 1000000;
    const ProjectFolder project("seeds = [\"events.csv\"]");
    const std::string file = project.file("events.csv");
    write_csv(file, rows);
    const auto with_table = [&](auto&& run) {
        return with_all_rows(rows, [&](const Workplace& workplace) {
            workplace.server(events_table);
            return run(workplace);
        });
    };
    return {compare(
        fmt::format("`seed` of {} rows of CSV; `\\copy`; `COPY` from the server's own disk", rows),
        near,
        {{Way::crudctl,
          [&] {
              return with_table(
                  [&](const Workplace& workplace) { return workplace.crudctl(project, {"seed"}); });
          }},
         {Way::psql,
          [&] {
              return with_table([&](const Workplace& workplace) {
                  return workplace.psql(
                      {"-c", fmt::format("\\copy events from '{}' csv header", file)});
              });
          }},
         {Way::server,
          [&] {
              return with_table([&](const Workplace& workplace) {
                  return workplace.server(fmt::format("copy events from '{}' csv header", file));
              });
          }}},
        scale.rounds)};
}

std::vector<Comparison> compare_big_files(const Scale& scale)
{
    const std::size_t size = scale.is_trial ? 1 : 200;
    const ProjectFolder project("");
    const std::string file = project.file("big.sql");
    std::vector<Comparison> comparisons;
    const auto add = [&](const std::string& what, std::size_t rows) {
        comparisons.push_back(
            compare(what, near, sides_of_load(project, file, rows), scale.rounds));
    };
    const std::size_t tenth = scale.is_trial ? 1 : size / 10; // psql takes minutes for more
    add(fmt::format("{} MiB of INSERTs, a row each", tenth), write_inserts(file, tenth * mebi, 1));
    add(fmt::format("{} MiB of INSERTs, a hundred rows each", size),
        write_inserts(file, size * mebi, 100));
    add(fmt::format("{} MiB of COPY data", size), write_copy(file, size * mebi));
    return comparisons;
}

std::vector<Comparison> compare_memory(const Scale& scale)
{
    const std::size_t size = scale.is_trial ? 1 : 2048;
    const std::size_t room = size * mebi * 8; // the file, the table and its log
    const ProjectFolder project("");
    if (!has_room(project.path(), room)) {
        std::cerr << fmt::format("no room in {} for a file of {} MiB\n", project.path().string(),
                                 size);
        return {};
    }
    const std::string file = project.file("huge.sql");
    std::vector<Comparison> comparisons;
    const auto add = [&](const std::string& what, std::size_t rows) {
        auto sides = sides_of_load(project, file, rows);
        sides.pop_back(); // psql takes the same memory in either form
        comparisons.push_back(compare(what, near, sides, 1));
    };
    add(fmt::format("{} MiB of INSERTs, a hundred rows each", size),
        write_inserts(file, size * mebi, 100));
    add(fmt::format("{} MiB of COPY data", size), write_copy(file, size * mebi));
    return comparisons;
}

} // namespace crudctl::bench
