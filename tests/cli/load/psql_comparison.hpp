#pragma once

#include "cli/database_project.hpp"
#include "support/dumps.hpp"

#include <map>
#include <string>
#include <vector>

namespace crudctl::tests {

/// A main file, of which a table r is the first line, what lies beside it, and what both programs
/// are told about variables.
struct PsqlScript {
    const char* name;
    std::string text;
    std::map<std::string, std::string> files = {};
    std::vector<std::string> variables = {};
};

/// psql and crudctl, each on a database of its own, in one project folder.
class Comparison {
public:
    /// Loads it with both, into databases that are emptied before.
    void load(const PsqlScript& script)
    {
        write(script);
        std::vector<std::string> for_psql = {"-X", "-q",      "-1", "-v", "ON_ERROR_STOP=1",
                                             "-f", "main.sql"};
        std::vector<std::string> for_crudctl = {"schema-load", "-f", "main.sql", "--confirm",
                                                m_crudctl.database.name() + "@local"};
        for (const std::string& variable : script.variables) {
            for_psql.insert(for_psql.end(), {"-v", variable});
            for_crudctl.insert(for_crudctl.end(), {"--set", variable});
        }
        for (const TempDatabase* database : {&m_psql, &m_crudctl.database}) {
            pg::Connection(database->info())
                .exec_script("set client_min_messages = 'warning';"
                             "drop schema public cascade; create schema public");
        }
        by_psql = server_program("psql", m_psql.name(), for_psql)
                      .in_folder(m_crudctl.project.root())
                      .result();
        by_crudctl = m_crudctl.run(for_crudctl).result();
    }

    std::string dump_by_psql() const { return dump_of(m_psql.name()); }
    std::string dump_by_crudctl() const { return dump_of(m_crudctl.database.name()); }
    /// Much faster than a dump: what is in the schema, as one text.
    std::string content_by_psql() const { return content_of(m_psql.info()); }
    std::string content_by_crudctl() const { return content_of(m_crudctl.database.info()); }
    bool is_empty() const { return m_crudctl.ask("select to_regclass('r') is null") == "t"; }

    CliResult by_psql;
    CliResult by_crudctl;

private:
    static std::string content_of(const pg::ConnInfo& info)
    {
        return pg::Connection(info)
            .exec("select concat_ws(E'\\n', pg_catalog.schema_to_xml('public', true, false, ''), "
                  "(select string_agg(pg_catalog.pg_get_functiondef(oid), E'\\n' order by proname) "
                  "from pg_proc where pronamespace = 'public'::regnamespace), "
                  "(select string_agg(indexdef, E'\\n' order by indexdef) from pg_indexes "
                  "where schemaname = 'public'), "
                  "(select string_agg(definition, E'\\n' order by viewname) from pg_views "
                  "where schemaname = 'public'), "
                  "(select string_agg(definition, E'\\n' order by tablename, rulename) "
                  "from pg_rules where schemaname = 'public'), "
                  "(select string_agg(pg_catalog.pg_get_triggerdef(oid), E'\\n' order by tgname) "
                  "from pg_trigger))")
            .scalar()
            .value_or("");
    }
    void write(const PsqlScript& script) const
    {
        m_crudctl.project.write("main.sql",
                                "create table r (n serial, t text, u text);\n" + script.text);
        for (const auto& [name, text] : script.files) {
            m_crudctl.project.write(name, text);
        }
    }

    TempDatabase m_psql;
    DatabaseProject m_crudctl;
};

} // namespace crudctl::tests
