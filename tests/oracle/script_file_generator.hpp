#pragma once

#include "oracle/chunked_scan.hpp"
#include "support/sql_generator.hpp"

#include <string>

namespace crudctl::tests {

/// Writes SQL files as psql takes them, of which the server's parser knows only a part: statements,
/// COPY with data, meta-commands. What is in them is known because it was put there.
class ScriptFileGenerator {
public:
    explicit ScriptFileGenerator(std::uint64_t seed) : m_sql(seed) {}

    struct File {
        std::string text;
        ScannedText parts; // without their places
    };
    File file();

private:
    void add_statement(File& file);
    void add_copy(File& file);
    void add_meta_command(File& file);
    std::string accepted_statement();
    void add_data(File& file);
    std::string data();

    SqlGenerator m_sql;
};

} // namespace crudctl::tests
