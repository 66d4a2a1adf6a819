#include "operation/named_queries.hpp"

#include "script/source/source_excerpt.hpp"
#include "script/source/source_file.hpp"
#include "script/sql/position.hpp"
#include "script/sql/scanner.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

constexpr std::size_t largest_query_file = std::size_t{16} << 20U;
constexpr std::string_view extension = ".sql";

std::string shown_path(const config::Project& project, const fs::path& path)
{
    return script::ScriptFile::below(project.root, path).shown;
}

bool is_hidden(const fs::path& path)
{
    return path.filename().native().starts_with('.');
}

/// Whether it lies in the folder once all links are followed.
bool lies_in(const fs::path& folder, const fs::path& path)
{
    std::error_code error;
    const fs::path real_folder = fs::canonical(folder, error);
    const fs::path real_path = error ? fs::path() : fs::canonical(path, error);
    const fs::path relative = real_path.lexically_relative(real_folder);
    return !error && !relative.empty() && *relative.begin() != "..";
}

void require_folder(const config::Project& project)
{
    std::error_code ignored;
    if (!fs::is_directory(project.queries, ignored)) {
        throw Error(ExitCode::configuration,
                    fmt::format("there is no folder \"{}\" of queries",
                                shown_path(project, project.queries)),
                    "project.queries in crudctl.toml names another one");
    }
}

/// Throws for whatever would lead elsewhere, or to a file that is hidden.
void require_name(const config::Project& project, const std::string& name)
{
    const fs::path path(name);
    const bool is_one = !name.empty() && !name.ends_with('/') && !path.is_absolute() &&
                        std::ranges::none_of(path, [](const fs::path& part) {
                            return part.empty() || part.native().starts_with('.');
                        });
    if (!is_one) {
        throw Error(ExitCode::usage, fmt::format("\"{}\" is no query's name", printable(name)),
                    fmt::format("it is the path of a file below {}, without {}",
                                shown_path(project, project.queries), extension));
    }
}

std::string hint_for(const config::Project& project, const std::string& name)
{
    const std::vector<std::string> names = query_names(project);
    std::vector<std::string> with_this_end;
    std::ranges::copy_if(
        names, std::back_inserter(with_this_end),
        [&](const std::string& candidate) { return candidate.ends_with("/" + name); });
    const auto meant =
        with_this_end.size() == 1 ? with_this_end.front() : nearest(name, names).value_or("");
    return meant.empty() ? "crudctl query --list shows all"
                         : fmt::format("did you mean \"{}\"?", meant);
}

/// The file of a query; throws where there is none.
fs::path path_of(const config::Project& project, const std::string& name)
{
    require_name(project, name);
    require_folder(project);
    const fs::path path = project.queries / (name + std::string(extension));
    if (!is_there(path)) {
        throw Error(ExitCode::configuration,
                    fmt::format("there is no query \"{}\": no file \"{}\"", printable(name),
                                shown_path(project, path)),
                    hint_for(project, name));
    }
    if (!lies_in(project.queries, path)) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" is a link that leads out of \"{}\"",
                                shown_path(project, path), shown_path(project, project.queries)));
    }
    return path;
}

[[noreturn]] void refuse_file(const ProjectQuery& query, const script::Place& place,
                              std::size_t columns, const Error& error)
{
    script::ScriptFailure failure;
    failure.file = query.shown;
    failure.place = place;
    failure.message = error.what();
    failure.hint = error.hint();
    failure.source = script::source_excerpt(query.text, place, columns);
    throw script::ScriptError(error.code(), std::move(failure));
}

/// Fills in what the text says.
void parse(ProjectQuery& query, std::size_t columns)
{
    if (const std::size_t invalid = script::first_invalid_byte(query.text);
        invalid < query.text.size()) {
        refuse_file(query, script::advanced({}, query.text.substr(0, invalid)), columns,
                    Error(ExitCode::failed, "this is no UTF-8", "save the file as UTF-8"));
    }
    try {
        query.query = script::parse_named_query(query.text);
    } catch (const script::ScanError& error) {
        refuse_file(query, error.place(), columns, error);
    }
}

} // namespace

std::vector<std::string> query_names(const config::Project& project)
{
    require_folder(project);
    std::vector<std::string> names;
    std::error_code error;
    fs::recursive_directory_iterator files(project.queries,
                                           fs::directory_options::skip_permission_denied, error);
    for (; !error && files != fs::recursive_directory_iterator(); files.increment(error)) {
        const fs::path& path = files->path();
        std::error_code ignored;
        if (is_hidden(path)) {
            files.disable_recursion_pending();
        } else if (path.extension() == extension && files->is_regular_file(ignored) &&
                   lies_in(project.queries, path)) {
            const std::string name = path.lexically_relative(project.queries).string();
            names.push_back(name.substr(0, name.size() - extension.size()));
        }
    }
    if (error) {
        throw Error(ExitCode::configuration,
                    fmt::format("cannot read the folder \"{}\": {}",
                                shown_path(project, project.queries), error.message()));
    }
    std::ranges::sort(names);
    return names;
}

ProjectQuery read_query(const config::Project& project, const std::string& name,
                        std::size_t columns)
{
    const bool is_file_name = name.ends_with(extension);
    ProjectQuery query;
    query.name = is_file_name ? name.substr(0, name.size() - extension.size()) : name;
    const fs::path path = path_of(project, query.name);
    query.shown = shown_path(project, path);
    query.text = read_file(path, largest_query_file).text;
    parse(query, columns);
    return query;
}

ProjectQuery parse_query(std::string shown, std::string text, std::size_t columns)
{
    ProjectQuery query;
    query.shown = std::move(shown);
    query.text = std::move(text);
    parse(query, columns);
    return query;
}

script::ScriptFailure failure_at(const ProjectQuery& query, std::size_t at, std::size_t columns)
{
    script::ScriptFailure failure;
    failure.file = query.shown;
    failure.place = script::place_in_file(query.query, query.text, at);
    failure.source = script::source_excerpt(query.text, failure.place, columns);
    return failure;
}

} // namespace crudctl::commands
