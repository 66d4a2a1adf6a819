#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What files store to be evaluated later: routines and views, and the defaults and triggers of
/// their tables. A name counts without its schema.
class StoredCode {
public:
    /// A routine, a view, a domain or a foreign table.
    struct Part {
        std::string what;            // that it evaluates itself, "now()"; empty: nothing
        std::set<std::string> names; // in it
        bool writes_rows = false;
    };
    struct Table {
        std::vector<std::string> columns;
        bool has_all_columns = true;                 // false: it has some that no word tells
        std::map<std::string, std::string> defaults; // what they evaluate, by column
        std::set<std::string> triggers;              // the functions that rows fire, as "insert f"
        bool has_rows = false;
    };

    void keep(const std::string& name, Part part);
    void keep_under(const std::string& name, const std::string& new_name);
    bool has(const std::string& name) const { return m_parts.contains(name); }
    /// What a part evaluates, by the parts that it uses as well; empty: nothing.
    std::string what_of(const std::string& name) const;
    /// Whether it writes rows, the same way.
    bool writes_rows(const std::string& name) const;

    /// Null where no file said anything of it.
    Table* table(const std::string& name);
    const std::map<std::string, Table>& tables() const noexcept { return m_tables; }
    /// Of one that the files did not create not all columns are known.
    Table& described_table(const std::string& name);
    void keep_table(const std::string& name, Table table);
    void keep_default(Table& table, const std::string& column, const std::string& what);

    /// What the first part or default evaluates that evaluates anything; empty: none does.
    const std::string& anything() const noexcept { return m_anything; }

private:
    /// The first part, of that name and those that it uses, that fits; null: none does.
    const Part* find(const std::string& name, bool (*fits)(const Part& part)) const;
    void note(const std::string& what) { m_anything += m_anything.empty() ? what : ""; }

    std::map<std::string, Part> m_parts;
    std::map<std::string, Table> m_tables;
    std::string m_anything;
};

} // namespace crudctl::script
