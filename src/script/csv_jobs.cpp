#include "script/csv_jobs.hpp"

#include "script/queries.hpp"
#include "support/text.hpp"

#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace crudctl::script {

namespace {

std::string tables_of(std::span<const FileOutline> files)
{
    nlohmann::json list = nlohmann::json::array();
    for (const FileOutline& file : files) {
        const CsvTableName& name = file.csv->table;
        list.push_back({{"number", list.size()},
                        {"schema", name.schema},
                        {"folded_schema", lower_ascii(name.schema)},
                        {"table", name.table},
                        {"folded_table", lower_ascii(name.table)}});
    }
    return list.dump();
}

/// By the file's number, what its table has to do with others; nothing where it goes by itself.
std::map<std::size_t, std::string> components_of(pg::Connection& connection,
                                                 std::span<const FileOutline> files)
{
    const pg::Result rows = connection.exec(queries::csv_relations, tables_of(files));
    std::map<std::size_t, std::string> components;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].text("is_entangled") != "t") {
            components.emplace(static_cast<std::size_t>(rows[i].number("number")),
                               rows[i].text("component"));
        }
    }
    return components;
}

} // namespace

std::vector<CsvGroup> csv_groups(pg::Connection& connection, std::span<const FileOutline> files)
{
    const std::map<std::size_t, std::string> components = components_of(connection, files);
    std::vector<CsvGroup> groups;
    std::map<std::string, std::size_t> jobs; // of the last group, by component
    bool may_go_on = false;                  // the last group
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto component = components.find(i);
        if (component == components.end() || !may_go_on) {
            groups.emplace_back();
            jobs.clear();
        }
        may_go_on = component != components.end();
        const std::string key = may_go_on ? component->second : std::string();
        const auto [job, is_new] = jobs.emplace(key, groups.back().size());
        if (is_new) {
            groups.back().emplace_back();
        }
        groups.back()[job->second].push_back(&files[i]);
    }
    return groups;
}

} // namespace crudctl::script
