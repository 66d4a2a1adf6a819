#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::config {

/// The SQL files of a project that doesn't name them. A path may be a pattern.
struct SqlFiles {
    std::vector<std::filesystem::path> schema;
    std::vector<std::filesystem::path> seeds;
    /// Where more than one folder qualifies, all of them; schema and seeds are empty then.
    std::vector<std::filesystem::path> candidates;
};

/// Looks for schema.sql (Rails' structure.sql) and seed.sql in sql/, db/ and the other folders
/// where projects keep them, then in the root, then in such a folder of the one folder below the
/// root that has it, then for Supabase's migrations and seed.
SqlFiles find_sql_files(const std::filesystem::path& root);

/// Why there is no schema, naming what was looked for: "more than one folder has a schema: a/db,
/// b/db".
std::string no_schema_text(const std::filesystem::path& root,
                           const std::vector<std::filesystem::path>& candidates);

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
