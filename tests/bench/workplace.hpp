#pragma once

#include "bench/comparison.hpp"
#include "pg/conn_info.hpp"
#include "support/cli_runner.hpp"
#include "support/proxy.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::bench {

/// A project's folder, which the server may read as well.
class ProjectFolder {
public:
    /// `settings` are lines of crudctl.toml's [project].
    explicit ProjectFolder(std::string_view settings);

    const std::filesystem::path& path() const noexcept { return m_folder.path(); }
    std::string file(std::string_view name) const { return (m_folder / name).string(); }
    std::string write(std::string_view name, std::string_view text) const;

private:
    tests::TempFolder m_folder{0755};
};

/// A database for one run: empty, visited once before, and as far away as asked.
class Workplace {
public:
    explicit Workplace(std::chrono::milliseconds distance);

    const std::string& database() const noexcept { return m_database.name(); }
    /// crudctl, in a project whose profile `local` is this database.
    Sample crudctl(const ProjectFolder& project, std::vector<std::string> arguments) const;
    /// The versioned psql, with the options that a script gives it.
    Sample psql(const std::vector<std::string>& arguments) const;
    /// A shell script that has psql as $psql, the database's name as $database, and $maintenance
    /// for psql's -d.
    Sample script(const std::string& text) const;

    /// The work alone, over a connection of the server's own machine that stands already.
    Sample server(const std::string& sql) const;

    /// Throws std::runtime_error where the query gives something else: then nothing was measured.
    void expect(const std::string& query, std::string_view answer) const;

private:
    pg::ConnInfo info() const;
    Environment psql_environment() const; // where psql finds the server
    Sample run(const tests::ProgramStart& start) const;

    tests::TempDatabase m_database;
    std::optional<tests::Proxy> m_proxy; // none where the server is near
};

} // namespace crudctl::bench
