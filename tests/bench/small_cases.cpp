#include "bench/cases.hpp"
#include "bench/workplace.hpp"
#include "support/paths.hpp"

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

using std::chrono::milliseconds;

constexpr int tables = 100;

/// Five statements a table, 500 in all: what a schema file is made of.
std::string schema_text()
{
    std::string sql;
    for (int i = 0; i < tables; ++i) {
        sql += fmt::format(
            "create table item_{0} (id bigint primary key, name text not null, made timestamptz);\n"
            "create index item_{0}_name on item_{0} (name);\n"
            "comment on table item_{0} is 'The items of kind {0}.';\n"
            "alter table item_{0} add constraint item_{0}_named check (name <> '');\n"
            "insert into item_{0} values (1, 'the first one', now()), (2, 'the second', now());\n",
            i);
    }
    return sql;
}

std::vector<milliseconds> distances(const Scale& scale)
{
    if (scale.is_trial) {
        return {milliseconds(0), milliseconds(2)};
    }
    return {milliseconds(0), milliseconds(5), milliseconds(20), milliseconds(50)};
}

std::vector<milliseconds> near_and_far(const Scale& scale)
{
    return {milliseconds(0), milliseconds(scale.is_trial ? 2 : 50)};
}

/// Runs and makes sure that the whole schema is there.
template <typename Run>
Sample with_whole_schema(milliseconds distance, Run&& run)
{
    const Workplace workplace(distance);
    Sample sample = run(workplace);
    if (sample.failure.empty()) {
        workplace.expect("select count(*) from pg_constraint where conname like 'item_%_named'",
                         std::to_string(tables));
    }
    return sample;
}

} // namespace

std::vector<Comparison> compare_schema_load(const Scale& scale)
{
    const ProjectFolder project("schema = [\"schema.sql\"]");
    const std::string text = schema_text();
    const std::string file = project.write("schema.sql", text);
    std::vector<Comparison> comparisons;
    for (const milliseconds distance : distances(scale)) {
        const auto psql = [&, distance](const std::vector<std::string>& arguments) {
            return with_whole_schema(
                distance, [&](const Workplace& workplace) { return workplace.psql(arguments); });
        };
        comparisons.push_back(
            compare("`schema-load` of 500 statements", distance,
                    {{Way::crudctl,
                      [&] {
                          return with_whole_schema(distance, [&](const Workplace& workplace) {
                              return workplace.crudctl(project, {"schema-load"});
                          });
                      }},
                     {Way::psql,
                      [&] {
                          return psql({"-f", file});
                      }},
                     {Way::psql_one_transaction,
                      [&] {
                          return psql({"-1", "-f", file});
                      }},
                     {Way::server,
                      [&] {
                          return with_whole_schema(distance, [&](const Workplace& workplace) {
                              return workplace.server(text);
                          });
                      }}},
                    scale.repeats));
    }
    return comparisons;
}

std::vector<Comparison> compare_setup(const Scale& scale)
{
    const std::string sql = (tests::source_folder() / "sql/").string();
    const ProjectFolder project(
        fmt::format("schema = [\"{0}schema.sql\"]\nseeds = [\"{0}seed.sql\"]", sql));
    const std::string scripts =
        fmt::format("$psql -d $maintenance -c \"drop database $database with (force)\"\n"
                    "$psql -d $maintenance -c \"create database $database\"\n"
                    "$psql -d $database -f {0}schema.sql\n"
                    "$psql -d $database -f {0}seed.sql\n",
                    sql);
    const auto with_users = [](milliseconds distance, auto&& run) {
        const Workplace workplace(distance);
        Sample sample = run(workplace);
        workplace.expect("select count(*) from users", "3");
        return sample;
    };
    std::vector<Comparison> comparisons;
    for (const milliseconds distance : near_and_far(scale)) {
        comparisons.push_back(
            compare("`setup` of the sample; drop, create, schema and seed through psql", distance,
                    {{Way::crudctl,
                      [&] {
                          return with_users(distance, [&](const Workplace& workplace) {
                              return workplace.crudctl(project, {"setup"});
                          });
                      }},
                     {Way::psql,
                      [&] {
                          return with_users(distance, [&](const Workplace& workplace) {
                              return workplace.script(scripts);
                          });
                      }}},
                    scale.repeats));
    }
    return comparisons;
}

std::vector<Comparison> compare_looking(const Scale& scale)
{
    const ProjectFolder project("");
    // So short that the median of a few is mostly noise.
    const int repeats = scale.is_trial ? scale.repeats : 4 * scale.repeats;
    std::vector<Comparison> comparisons;
    for (const std::string command : {"sessions", "status"}) {
        for (const milliseconds distance : near_and_far(scale)) {
            comparisons.push_back(compare(
                fmt::format("`{}`; `psql -c 'select 1'`", command), distance,
                {{Way::crudctl, [&] { return Workplace(distance).crudctl(project, {command}); }},
                 {Way::psql,
                  [&] {
                      return Workplace(distance).psql({"-c", "select 1"});
                  }}},
                repeats));
        }
    }
    return comparisons;
}

} // namespace crudctl::bench
