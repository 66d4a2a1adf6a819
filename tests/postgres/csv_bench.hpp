#pragma once

#include "pg/connection.hpp"
#include "script/csv/seed.hpp"
#include "script/source/script_error.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace crudctl::tests {

/// A database with a schema, and CSV files that are loaded into it, each in a transaction.
class CsvBench {
public:
    explicit CsvBench(const std::string& schema) : m_connection(m_database.info())
    {
        m_connection.exec_script(schema);
        m_options.state_after_failure = "it is as it was";
    }

    script::CsvReport load(const std::string& name, std::string_view text)
    {
        return load(m_connection, name, text);
    }
    script::CsvReport load(pg::Connection& connection, const std::string& name,
                           std::string_view text)
    {
        const script::CsvSeed seed =
            script::read_csv_seed(std::make_shared<const script::SourceFile>(
                script::ScriptFile{m_folder.write(name, text), name}));
        pg::Transaction transaction(connection);
        const script::CsvReport report = script::load_csv(connection, seed, m_options);
        transaction.commit();
        return report;
    }
    /// What a load says of itself.
    std::string said(const std::string& name, std::string_view text)
    {
        return load(name, text).text();
    }

    /// How a load fails that has to.
    script::ScriptError failure(const std::string& name, std::string_view text)
    {
        return failure(m_connection, name, text);
    }
    script::ScriptError failure(pg::Connection& connection, const std::string& name,
                                std::string_view text)
    {
        try {
            load(connection, name, text);
        } catch (const script::ScriptError& error) {
            if (error.report_lines().back() != "  it is as it was") {
                throw std::logic_error("the failure doesn't say what state it leaves");
            }
            return error;
        }
        throw std::logic_error("the load succeeded");
    }
    std::string refusal(const std::string& name, std::string_view text)
    {
        return failure(name, text).what();
    }

    void exec(const std::string& sql) { m_connection.exec_script(sql); }
    std::string value(const std::string& query)
    {
        return m_connection.exec(query).scalar().value_or("null");
    }
    /// The rows of a query as one line: "1,a|2,b".
    std::string rows(const std::string& query)
    {
        return value("select coalesce(string_agg(trim(both '()' from t::text), '|'), '') from (" +
                     query + ") t");
    }

    script::CsvOptions& options() { return m_options; }
    pg::Connection& connection() { return m_connection; }
    const TempDatabase& database() const { return m_database; }
    const TempFolder& folder() const { return m_folder; }

private:
    TempDatabase m_database;
    TempFolder m_folder;
    pg::Connection m_connection;
    script::CsvOptions m_options;
};

} // namespace crudctl::tests
