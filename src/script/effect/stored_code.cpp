#include "script/effect/stored_code.hpp"

#include <utility>

namespace crudctl::script {

void StoredCode::keep(const std::string& name, Part part)
{
    note(part.what);
    m_parts[name] = std::move(part);
}

void StoredCode::keep_under(const std::string& name, const std::string& new_name)
{
    if (const auto found = m_parts.find(name); found != m_parts.end()) {
        Part part = found->second;
        m_parts[new_name] = std::move(part);
    }
}

std::string StoredCode::what_of(const std::string& name) const
{
    const Part* part = find(name, [](const Part& one) { return !one.what.empty(); });
    return part != nullptr ? part->what : "";
}

bool StoredCode::writes_rows(const std::string& name) const
{
    return find(name, [](const Part& one) { return one.writes_rows; }) != nullptr;
}

const StoredCode::Part* StoredCode::find(const std::string& name,
                                         bool (*fits)(const Part& part)) const
{
    std::vector<const std::string*> open = {&name};
    std::set<std::string_view> seen;
    while (!open.empty()) {
        const auto found = m_parts.find(*open.back());
        open.pop_back();
        if (found == m_parts.end() || !seen.insert(found->first).second) {
            continue;
        }
        if (fits(found->second)) {
            return &found->second;
        }
        for (const std::string& used : found->second.names) {
            open.push_back(&used);
        }
    }
    return nullptr;
}

StoredCode::Table* StoredCode::table(const std::string& name)
{
    const auto found = m_tables.find(name);
    return found != m_tables.end() ? &found->second : nullptr;
}

StoredCode::Table& StoredCode::described_table(const std::string& name)
{
    const auto [table, is_new] = m_tables.try_emplace(name);
    table->second.has_all_columns = table->second.has_all_columns && !is_new;
    return table->second;
}

void StoredCode::keep_table(const std::string& name, Table table)
{
    m_tables[name] = std::move(table);
}

void StoredCode::keep_default(Table& table, const std::string& column, const std::string& what)
{
    note(what);
    table.defaults[column] = what;
}

} // namespace crudctl::script
