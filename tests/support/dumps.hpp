#pragma once

#include "support/cli_runner.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace crudctl::tests {

/// True where pg_dump dumps databases of the test cluster. It refuses a server that is newer than
/// itself: then this says so on stdout, and the test is reported as not run. On the distribution's
/// own server, which every run tries, it is never so.
bool can_dump();

/// One of Postgres' client programs (psql, pg_dump) as superuser of the test cluster, to be run.
CliCall server_program(const std::string& program, const std::string& database,
                       const std::vector<std::string>& arguments);

/// What it printed. Throws std::runtime_error with its messages where it fails.
std::string output_of(const std::string& program, const std::string& database,
                      const std::vector<std::string>& arguments);

/// As psql loads a file that must not fail, with what else psql is told.
void load_by_psql(const std::string& database, const std::filesystem::path& file,
                  const std::vector<std::string>& arguments = {});

/// A dump without what differs each time: the key of \restrict and \unrestrict, and our line in the
/// database's comment.
std::string dump_of(const std::string& database, const std::vector<std::string>& arguments = {});

/// The first lines that differ, empty where none do: whole dumps are megabytes.
std::string difference(const std::string& expected, const std::string& found);

} // namespace crudctl::tests
