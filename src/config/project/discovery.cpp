#include "config/project/discovery.hpp"

#include "support/error.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace crudctl::config {

namespace {

bool is_there(const fs::path& path)
{
    struct stat facts {};
    return ::lstat(path.c_str(), &facts) == 0;
}

/// Absolute, without "..", and without the empty last component that a trailing slash leaves.
fs::path absolute_from(const fs::path& directory, const fs::path& path)
{
    fs::path result = (directory / path).lexically_normal();
    return result.has_filename() ? result : result.parent_path();
}

fs::path root_for(const fs::path& file)
{
    const fs::path folder = file.parent_path();
    return folder.filename() == "config" ? folder.parent_path() : folder;
}

Location named_location(const fs::path& named, const fs::path& directory, std::string origin)
{
    const fs::path file = absolute_from(directory, named);
    return {root_for(file), file, named.string(), std::move(origin)};
}

/// From `directory` to the highest folder that may be searched.
std::vector<fs::path> searched_folders(const fs::path& directory, const Environment& environment)
{
    const fs::path home = absolute_from("/", environment.value("HOME").value_or("/"));
    std::vector<fs::path> folders;
    for (fs::path folder = absolute_from(directory, ".");; folder = folder.parent_path()) {
        folders.push_back(folder);
        if (folder == folder.parent_path() || folder == home || is_there(folder / ".git")) {
            return folders;
        }
    }
}

void require_trusted(const fs::path& path, const fs::path& file, const Environment& environment)
{
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 ||
        is_trusted_owner(facts.st_uid, ::geteuid(), environment)) {
        return; // what cannot be read says so when it is read
    }
    throw Error(ExitCode::configuration,
                fmt::format("\"{}\" is not used: {} belongs to another user (user id {})",
                            file.string(), path == file ? "it" : "its folder", facts.st_uid),
                fmt::format("--config \"{}\" uses it all the same", file.string()));
}

std::optional<fs::path> file_in(const fs::path& folder)
{
    for (const char* name : {"crudctl.toml", "config/crudctl.toml"}) {
        if (is_there(folder / name)) {
            return folder / name;
        }
    }
    return std::nullopt;
}

/// A profile whose URL is one variable, as a file would say it.
void add_variable_profile(TomlFile& file, const std::string& name, const std::string& variable)
{
    Value table;
    table.type = Value::Type::table;
    Value url;
    url.type = Value::Type::text;
    url.text = "${" + variable + "}";
    file.entries.push_back({{"profiles", name}, {}, std::move(table)});
    file.entries.push_back({{"profiles", name, "url"}, {}, std::move(url)});
}

} // namespace

bool is_trusted_owner(uid_t owner, uid_t own, const Environment& environment)
{
    const bool is_sudo_user =
        own == 0 && environment.value("SUDO_UID") == std::optional(fmt::format("{}", owner));
    return owner == own || owner == 0 || is_sudo_user;
}

Location locate_project(const std::optional<fs::path>& named, const fs::path& directory,
                        const Environment& environment)
{
    if (named) {
        return named_location(*named, directory, "--config");
    }
    if (const auto variable = environment.value("CRUDCTL_CONFIG")) {
        return named_location(*variable, directory, "CRUDCTL_CONFIG");
    }
    const std::vector<fs::path> folders = searched_folders(directory, environment);
    for (const fs::path& folder : folders) {
        if (const auto file = file_in(folder)) {
            require_trusted(file->parent_path(), *file, environment);
            require_trusted(*file, *file, environment);
            return {root_for(*file), file, file->lexically_proximate(folders.front()).string(),
                    "found"};
        }
    }
    const bool is_repository = is_there(folders.back() / ".git");
    return {is_repository ? folders.back() : folders.front(), std::nullopt, {}, {}};
}

TomlFile settings_without_file(const Variables& variables)
{
    TomlFile file;
    for (const char* variable : {"CONNECTION_URL", "DATABASE_URL"}) {
        if (variables.find(variable)) {
            add_variable_profile(file, "local", variable);
            break;
        }
    }
    if (variables.find("PROD_CONNECTION_URL")) {
        add_variable_profile(file, "prod", "PROD_CONNECTION_URL");
    }
    return file;
}

} // namespace crudctl::config
