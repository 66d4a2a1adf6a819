#pragma once

#include "script/load/loader.hpp"
#include "script/source/script_error.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::tests {

/// A database, a session in it, and a folder for the files that are loaded into it.
class ScriptBench {
public:
    explicit ScriptBench(const std::string& create_options = {})
        : m_maintenance(m_database.info().with_database("postgres")),
          m_connection(m_database.info())
    {
        if (!create_options.empty()) {
            m_other = m_database.name() + "_2";
            m_maintenance.exec("create database " + m_other + " " + create_options);
            m_connection = pg::Connection(m_database.info().with_database(m_other));
        }
        m_options.state_after_failure = "it is as it was";
    }
    ~ScriptBench()
    {
        if (!m_other.empty()) {
            m_maintenance.exec("drop database " + m_other + " with (force)");
        }
    }
    ScriptBench(const ScriptBench&) = delete;
    ScriptBench& operator=(const ScriptBench&) = delete;

    script::ScriptFile file(const std::string& name, std::string_view text)
    {
        return {m_folder.write(name, text), name};
    }
    script::LoadReport load(const std::vector<script::ScriptFile>& files)
    {
        return script::load(m_connection, script::read_script(files, m_settings), m_options);
    }
    script::LoadReport load(std::string_view text) { return load({file("a.sql", text)}); }

    /// How a load fails that has to; everything is checked to be as it was.
    script::ScriptError failure(const std::vector<script::ScriptFile>& files)
    {
        const std::string before = objects();
        try {
            load(files);
        } catch (const script::ScriptError& error) {
            CHECK(objects() == before);
            CHECK(m_connection.transaction_status() == pg::Connection::TransactionStatus::idle);
            return error;
        }
        throw std::logic_error("the load succeeded");
    }
    script::ScriptError failure(std::string_view text) { return failure({file("a.sql", text)}); }

    std::string value(const std::string& query)
    {
        return m_connection.exec(query).scalar().value_or("null");
    }
    std::string objects()
    {
        return value("select coalesce(string_agg(relname, ',' order by relname), '') "
                     "from pg_class where relnamespace = 'public'::regnamespace");
    }
    pg::Connection& connection() { return m_connection; }
    script::LoadOptions& options() { return m_options; }
    script::ScriptSettings& settings() { return m_settings; }
    const TempDatabase& database() const { return m_database; }

private:
    TempDatabase m_database;
    TempFolder m_folder;
    pg::Connection m_maintenance;
    pg::Connection m_connection;
    std::string m_other;
    script::LoadOptions m_options;
    script::ScriptSettings m_settings;
};

inline std::string repeated(std::string_view text, int count)
{
    std::string result;
    for (int i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

} // namespace crudctl::tests
