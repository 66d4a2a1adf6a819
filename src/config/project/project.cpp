#include "config/project/project.hpp"

#include "config/profile/profile.hpp"
#include "config/project/sql_files.hpp"
#include "script/source/source_file.hpp"
#include "support/error.hpp"

#include <fmt/format.h>

namespace crudctl::config {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> listed_paths(const std::string& key, const std::vector<fs::path>& otherwise,
                                   const Values& values, const fs::path& root)
{
    std::vector<fs::path> named = otherwise;
    if (const auto texts = values.list(key)) {
        named.clear();
        for (const std::string& text : *texts) {
            named.push_back(resolved_path(text, root, values.variables()));
        }
    }
    std::vector<fs::path> paths;
    for (const fs::path& path : named) {
        const auto files = script::files_named_by(path);
        paths.insert(paths.end(), files.begin(), files.end());
    }
    return paths;
}

std::vector<std::string> words_of(const std::string& key, const Values& values)
{
    return values.list(key).value_or(std::vector<std::string>());
}

/// Those that are named, else those that were found where no command stands for them.
std::vector<fs::path> files_of(const std::string& key, const std::vector<std::string>& command,
                               const std::vector<fs::path>& found, const Values& values,
                               const fs::path& root)
{
    if (!command.empty() && values.entry(key) != nullptr) {
        throw Error(
            ExitCode::configuration,
            fmt::format("{}: {} and a command for the same are both set", values.origin(key), key),
            "keep one of them");
    }
    return listed_paths(key, command.empty() ? found : std::vector<fs::path>(), values, root);
}

fs::path path_of(const std::string& key, const Values& values, const fs::path& root)
{
    const auto text = values.text(key);
    return text ? resolved_path(text->text, root, values.variables()) : fs::path();
}

} // namespace

Project make_project(const Values& values, const Location& location)
{
    const fs::path& root = location.root;
    const SqlFiles found = find_sql_files(root);
    const auto name = values.text("project.name");
    const fs::path queries = path_of("project.queries", values, root);

    Project project;
    project.name = name ? name->text : std::string();
    project.root = root;
    project.config_file = location.file;
    project.schema_command = words_of("project.schema_command", values);
    project.seed_command = words_of("project.seed_command", values);
    project.schema_inputs = listed_paths("project.schema_inputs", {}, values, root);
    project.schema = files_of("project.schema", project.schema_command, found.schema, values, root);
    project.seeds = files_of("project.seeds", project.seed_command, found.seeds, values, root);
    project.queries = queries.empty() ? root / "sql/queries" : queries;
    project.checks = values.list("project.checks").value_or(std::vector<std::string>());
    project.seed_checks = values.list("project.seed_checks").value_or(std::vector<std::string>());
    project.caches = values.flag("project.cache");
    project.caches_seeds = values.flag("project.cache_seeds").value_or(false);
    if (values.entry("project.schema") == nullptr) {
        project.schema_candidates = found.candidates;
    }
    return project;
}

ServerSettings make_server_settings(const Values& values, const fs::path& root)
{
    return {path_of("server.data_directory", values, root),
            path_of("server.binaries", values, root), values.number("server.port")};
}

} // namespace crudctl::config
