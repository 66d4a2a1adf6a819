#include "config/project/sql_files.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::config {

namespace {

constexpr std::array folders = {"sql", "db", "db/sql", "database", "queries", "bin/db/sql"};
constexpr std::array schema_names = {"schema.sql", "structure.sql"};
constexpr std::array seed_names = {"seed.sql", "seeds.sql"};
/// Folders of other people's files.
constexpr std::array foreign_folders = {"node_modules", "vendor", "venv",
                                        "target",       "build",  "dist"};

bool is_file(const fs::path& path)
{
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

template <typename Names>
std::optional<fs::path> first_file(const fs::path& folder, const Names& names)
{
    for (const char* name : names) {
        if (is_file(folder / name)) {
            return folder / name;
        }
    }
    return std::nullopt;
}

/// The first of the usual folders that has a schema.
std::optional<fs::path> schema_folder(const fs::path& place)
{
    for (const char* folder : folders) {
        if (first_file(place / folder, schema_names)) {
            return place / folder;
        }
    }
    return std::nullopt;
}

bool is_foreign(const fs::path& folder)
{
    const std::string name = folder.filename().string();
    return name.starts_with('.') ||
           std::ranges::find(foreign_folders, name) != foreign_folders.end();
}

std::vector<fs::path> nested_folders(const fs::path& root)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        if (const auto folder =
                is_foreign(entry->path()) ? std::nullopt : schema_folder(entry->path())) {
            found.push_back(*folder);
        }
    }
    std::ranges::sort(found);
    return found;
}

bool has_sql(const fs::path& folder)
{
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().extension() == ".sql") {
            return true;
        }
    }
    return false;
}

SqlFiles files_in(const fs::path& folder)
{
    SqlFiles files;
    files.schema.push_back(first_file(folder, schema_names).value());
    if (const auto seed = first_file(folder, seed_names)) {
        files.seeds.push_back(*seed);
    }
    return files;
}

SqlFiles files_of_supabase(const fs::path& folder)
{
    SqlFiles files;
    for (const char* name : {"migrations", "schemas"}) {
        if (files.schema.empty() && has_sql(folder / name)) {
            files.schema.push_back(folder / name / "*.sql");
        }
    }
    if (const auto seed = first_file(folder, seed_names)) {
        files.seeds.push_back(*seed);
    }
    return files;
}

} // namespace

SqlFiles find_sql_files(const fs::path& root)
{
    if (const auto folder = schema_folder(root)) {
        return files_in(*folder);
    }
    if (first_file(root, schema_names)) {
        return files_in(root);
    }
    const std::vector<fs::path> nested = nested_folders(root);
    if (nested.size() == 1) {
        return files_in(nested.front());
    }
    return nested.empty() ? files_of_supabase(root / "supabase") : SqlFiles{{}, {}, nested};
}

std::string no_schema_text(const fs::path& root, const std::vector<fs::path>& candidates)
{
    if (candidates.empty()) {
        return fmt::format(
            "no schema found: no project.schema in crudctl.toml, no sql/schema.sql, no "
            "db/schema.sql in {}",
            printable(root.string()));
    }
    std::string list;
    for (const fs::path& folder : candidates) {
        const fs::path shown = folder.is_absolute() ? folder.lexically_relative(root) : folder;
        list += (list.empty() ? "" : ", ") + printable(shown.generic_string());
    }
    return "more than one folder has a schema: " + list;
}

} // namespace crudctl::config
