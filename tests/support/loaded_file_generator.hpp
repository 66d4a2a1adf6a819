#pragma once

#include "support/sql_generator.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace crudctl::tests {

/// Writes SQL files that psql loads into a database with a table r (n serial, t text, u text):
/// statements of many kinds, COPY, psql's commands, in every way to quote. Half of the files have
/// one mistake. The same seed gives the same files.
class LoadedFileGenerator {
public:
    explicit LoadedFileGenerator(std::uint64_t seed) : m_sql(seed) {}

    std::string file();

private:
    std::string good_part();
    std::string mistake();
    std::string insert();
    std::string table();
    std::string routine();
    std::string copy();
    std::string command();
    std::string strings_with_backslashes();
    std::string literal();
    std::string gap();
    std::string next_name(std::string_view kind);

    SqlGenerator m_sql;
    std::size_t m_names = 0;
};

} // namespace crudctl::tests
