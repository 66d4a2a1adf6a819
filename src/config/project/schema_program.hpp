#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// A program of the project's that makes its schema, as the project's files show.
struct SchemaProgram {
    std::string tool;  // "Rails"
    std::string found; // the file that shows it, "db/schema.rb"
    std::vector<std::string> schema_command;
    std::vector<std::string> seed_command;  // empty: none is known
    std::vector<std::string> schema_inputs; // patterns of the files that the former reads
    /// Whether the project's settings read DATABASE_URL, as far as their words tell; otherwise the
    /// file to change, and how.
    bool reads_url = false;
    std::string settings_file;
    std::string advice;
};

/// Looks for Prisma, Drizzle, Rails, Django and Alembic, in this order. Never throws.
std::optional<SchemaProgram> find_schema_program(const std::filesystem::path& root);

} // namespace crudctl::config
