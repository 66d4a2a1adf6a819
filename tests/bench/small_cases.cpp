#include "bench/cases.hpp"
#include "bench/workplace.hpp"
#include "support/paths.hpp"

#include <functional>

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

/// The usual audit: a trigger that writes down the text of each statement.
std::string audited_text(int rows)
{
    std::string sql = "create table item (id bigint primary key, name text);\n"
                      "create table audit (n bigserial, query text);\n"
                      "create function note() returns trigger language plpgsql as $$ begin\n"
                      "insert into audit (query) values (current_query()); return null; end $$;\n"
                      "create trigger note after insert on item for each row "
                      "execute function note();\n";
    for (int i = 0; i < rows; ++i) {
        sql += fmt::format("insert into item values ({0}, 'item number {0}');\n", i);
    }
    return sql;
}

/// Each of them works but the last one.
std::string wrong_text(int statements)
{
    std::string sql = "create table item (id bigint primary key, name text);\n";
    for (int i = 2; i < statements; ++i) {
        sql += fmt::format("insert into item values ({0}, 'item number {0}');\n", i);
    }
    return sql + "insert into missing values (1);\n";
}

/// A run that has to fail, as it did.
Sample refused(Sample sample)
{
    constexpr const char* wanted = "relation \"missing\" does not exist";
    sample.failure = sample.failure.find(wanted) != std::string::npos
                         ? std::string()
                         : "it did not fail as it should: " + sample.failure;
    return sample;
}

/// What is loaded, and how to see that all of it is there.
struct Schema {
    std::string what;
    std::string text;
    std::string check;      // a query
    std::string found;      // what it gives then
    bool has_server = true; // whether the server would do it as one message in reasonable time
};

/// A file through crudctl's schema-load, and through psql as two of its users run it.
std::vector<Side> sides_of_load(const std::string& file, const std::function<Sample()>& crudctl,
                                const std::function<Sample(std::vector<std::string>)>& psql)
{
    return {{Way::crudctl, crudctl},
            {Way::psql,
             [psql, file] {
                 return psql({"-f", file});
             }},
            {Way::psql_one_transaction, [psql, file] {
                 return psql({"-1", "-f", file});
             }}};
}

Comparison compare_load(const Schema& schema, milliseconds distance, const Scale& scale)
{
    const ProjectFolder project("schema = [\"schema.sql\"]");
    const std::string file = project.write("schema.sql", schema.text);
    const auto whole = [&](auto&& run) {
        const Workplace workplace(distance);
        Sample sample = run(workplace);
        if (sample.failure.empty()) {
            workplace.expect(schema.check, schema.found);
        }
        return sample;
    };
    std::vector<Side> sides = sides_of_load(
        file,
        [&] {
            return whole([&](const Workplace& workplace) {
                return workplace.crudctl(project, {"schema-load"});
            });
        },
        [&](const std::vector<std::string>& arguments) {
            return whole([&](const Workplace& workplace) { return workplace.psql(arguments); });
        });
    if (schema.has_server) {
        sides.push_back({Way::server, [&] {
                             return whole([&](const Workplace& workplace) {
                                 return workplace.server(schema.text);
                             });
                         }});
    }
    return compare(schema.what, distance, sides, scale.rounds);
}

} // namespace

std::vector<Comparison> compare_schema_load(const Scale& scale)
{
    const Schema schema{"`schema-load` of 500 statements", schema_text(),
                        "select count(*) from pg_constraint where conname like 'item_%_named'",
                        std::to_string(tables)};
    std::vector<Comparison> comparisons;
    for (const milliseconds distance : distances(scale)) {
        comparisons.push_back(compare_load(schema, distance, scale));
    }
    return comparisons;
}

std::vector<Comparison> compare_single_statement(const Scale& scale)
{
    const Schema schema{"`schema-load` of one statement",
                        "create table item (id bigint primary key, name text not null);\n",
                        "select count(*) from item", "0"};
    std::vector<Comparison> comparisons;
    for (const milliseconds distance : near_and_far(scale)) {
        comparisons.push_back(compare_load(schema, distance, scale));
    }
    return comparisons;
}

std::vector<Comparison> compare_audited_load(const Scale& scale)
{
    const int rows = scale.is_trial ? 100 : 20000;
    Schema schema{fmt::format("`schema-load` of {} INSERTs under an audit trigger", rows),
                  audited_text(rows), "select count(distinct query) from audit",
                  std::to_string(rows)};
    schema.has_server = false; // each row would keep the text of all
    return {compare_load(schema, milliseconds(0), scale)};
}

std::vector<Comparison> compare_first_error(const Scale& scale)
{
    const int statements = scale.is_trial ? 100 : 10000;
    const ProjectFolder project("schema = [\"schema.sql\"]");
    const std::string file = project.write("schema.sql", wrong_text(statements));
    const std::vector<Side> sides = sides_of_load(
        file, [&] { return refused(Workplace(milliseconds(0)).crudctl(project, {"schema-load"})); },
        [&](const std::vector<std::string>& arguments) {
            return refused(Workplace(milliseconds(0)).psql(arguments));
        });
    return {compare(fmt::format("the error in the last of {} statements", statements),
                    milliseconds(0), sides, scale.rounds)};
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
                    scale.rounds));
    }
    return comparisons;
}

std::vector<Comparison> compare_looking(const Scale& scale)
{
    const ProjectFolder project("");
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
                scale.rounds));
        }
    }
    return comparisons;
}

} // namespace crudctl::bench
