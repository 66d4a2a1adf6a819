#include "config/project/discovery.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

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

bool has_schema(const fs::path& folder)
{
    std::error_code ignored;
    return fs::is_regular_file(folder / "schema.sql", ignored);
}

/// Every */db and */sql with a schema, in a stable order.
std::vector<fs::path> nested_sql_folders(const fs::path& root)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(root, error), end; !error && entry != end;
         entry.increment(error)) {
        for (const char* name : {"db", "sql"}) {
            if (has_schema(entry->path() / name)) {
                found.push_back(entry->path() / name);
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

SqlFiles files_in(const fs::path& folder)
{
    SqlFiles files{{folder / "schema.sql"}, {}, {}};
    std::error_code ignored;
    if (fs::is_regular_file(folder / "seed.sql", ignored)) {
        files.seeds.push_back(folder / "seed.sql");
    }
    return files;
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

constexpr std::array<std::string_view, 6> database_images = {
    "postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"};

// An alias takes a few characters and stands for any number of nodes, and for text of any length:
// the size of the file bounds neither time nor memory.
constexpr std::size_t most_nodes = 100'000;
constexpr std::size_t longest_text = 300;
constexpr int deepest_merge = 32;

constexpr std::size_t most_documents = 100;

/// What one service says that matters here.
struct Service {
    std::string name;
    std::string image;
    std::map<std::string, std::string> environment;
    std::vector<std::string> ports; // in short form: "127.0.0.1:5433:5432"
};

/// "cruddur" for "${POSTGRES_DB:-cruddur}"; nothing for a variable without a default.
std::string without_variable(std::string_view text)
{
    if (text.find('$') == std::string_view::npos) {
        return std::string(text);
    }
    const auto begin = text.find(":-");
    const bool is_whole = text.starts_with("${") && text.ends_with('}');
    return is_whole && begin != std::string_view::npos
               ? std::string(text.substr(begin + 2, text.size() - begin - 3))
               : std::string();
}

/// Empty for what is no text, or longer than any name, image or port.
std::string text_of(const YAML::Node& node)
{
    return node.IsScalar() && node.Scalar().size() <= longest_text ? node.Scalar() : std::string();
}

/// Reads the services of a parsed file. Throws YAML::Exception where aliases make too much of it.
class ServiceReader {
public:
    std::vector<Service> services_of(const YAML::Node& document)
    {
        std::vector<Service> services;
        for (const auto& [key, value] : entries_of(document)) {
            if (key == "services") {
                for (const auto& [name, service] : entries_of(value)) {
                    services.push_back(service_of(name, service));
                }
            }
        }
        return services;
    }

private:
    using Entries = std::vector<std::pair<std::string, YAML::Node>>;

    void count(const YAML::Node& node, int depth = 0)
    {
        if (++m_nodes > most_nodes || depth > deepest_merge) {
            throw YAML::Exception(node.Mark(), "too many nodes");
        }
    }

    /// A mapping's entries after those that are merged into it: the last one of a name counts.
    /// yaml-cpp takes `<<` for a key like any other.
    Entries entries_of(const YAML::Node& node)
    {
        Entries entries;
        add_entries(node, 0, entries);
        return entries;
    }

    void add_entries(const YAML::Node& node, int depth, Entries& entries)
    {
        count(node, depth);
        if (!node.IsMap()) {
            return;
        }
        Entries own;
        for (const auto& entry : node) {
            count(entry.first);
            const std::string key = text_of(entry.first);
            if (key == "<<") {
                add_merged(entry.second, depth + 1, entries);
            } else {
                own.emplace_back(key, entry.second);
            }
        }
        entries.insert(entries.end(), own.begin(), own.end());
    }

    /// Of a list of mappings the first one counts.
    void add_merged(const YAML::Node& node, int depth, Entries& entries)
    {
        if (!node.IsSequence()) {
            add_entries(node, depth, entries);
            return;
        }
        for (std::size_t i = node.size(); i-- > 0;) {
            add_entries(node[i], depth, entries);
        }
    }

    Service service_of(const std::string& name, const YAML::Node& node)
    {
        Service service{name, {}, {}, {}};
        for (const auto& [key, value] : entries_of(node)) {
            if (key == "image") {
                service.image = text_of(value);
            } else if (key == "environment") {
                service.environment = environment_of(value);
            } else if (key == "ports") {
                service.ports = ports_of(value);
            }
        }
        return service;
    }

    /// From a mapping, or from a list of `KEY=value`.
    std::map<std::string, std::string> environment_of(const YAML::Node& node)
    {
        std::map<std::string, std::string> environment;
        for (const auto& [key, value] : entries_of(node)) {
            environment[key] = without_variable(text_of(value));
        }
        for (const YAML::Node& item : items_of(node)) {
            const std::string text = text_of(item);
            const auto separator = text.find('=');
            if (separator != std::string::npos) {
                environment[text.substr(0, separator)] =
                    without_variable(text.substr(separator + 1));
            }
        }
        return environment;
    }

    /// A port is `published:target`, or a mapping of these two.
    std::vector<std::string> ports_of(const YAML::Node& node)
    {
        std::vector<std::string> ports;
        for (const YAML::Node& item : items_of(node)) {
            std::map<std::string, std::string> port;
            for (const auto& [key, value] : entries_of(item)) {
                port[key] = text_of(value);
            }
            ports.push_back(item.IsMap() ? port["published"] + ":" + port["target"]
                                         : text_of(item));
        }
        return ports;
    }

    std::vector<YAML::Node> items_of(const YAML::Node& node)
    {
        std::vector<YAML::Node> items;
        for (std::size_t i = 0; node.IsSequence() && i < node.size(); ++i) {
            count(node);
            items.push_back(node[i]);
        }
        return items;
    }

    std::size_t m_nodes = 0;
};

/// By the image's own name: "postgres" of "registry/library/postgres:15-alpine".
bool is_database(const Service& service)
{
    std::string_view image = service.image;
    image = image.substr(image.rfind('/') + 1);
    image = image.substr(0, image.find_first_of(":@"));
    return std::ranges::find(database_images, image) != database_images.end();
}

std::string value_or(const Service& service, const char* name, const std::string& otherwise)
{
    const auto found = service.environment.find(name);
    return found == service.environment.end() || found->second.empty() ? otherwise : found->second;
}

/// "5433" of "127.0.0.1:5433:5432"; nothing of "5432", for which any port is taken.
std::string host_port(const Service& service)
{
    for (std::string_view port : service.ports) {
        port = port.substr(0, port.find('/'));
        const auto last = port.rfind(':');
        if (last == std::string_view::npos || port.substr(last + 1) != "5432") {
            continue;
        }
        port = port.substr(0, last);
        const std::string_view host = port.substr(port.rfind(':') + 1);
        if (consists_of(host, is_digit)) {
            return std::string(host);
        }
    }
    return {};
}

/// The documents of a file: each line with `---` in front begins one. YAML::LoadAll() would know,
/// but never returns from a file that is a comma (yaml-cpp 0.7 and 0.8).
std::vector<std::string> documents_of(const std::string& text)
{
    constexpr std::string_view mark = "\n---";
    std::vector<std::string> documents;
    std::size_t begin = 0;
    while (begin < text.size() && documents.size() < most_documents) {
        const std::size_t end = std::min(text.find(mark, begin), text.size());
        documents.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return documents;
}

/// None where the file is broken.
std::vector<Service> read_services(const std::string& text)
{
    std::vector<Service> services;
    try {
        ServiceReader reader;
        for (const std::string& document : documents_of(text)) {
            std::ranges::move(reader.services_of(YAML::Load(document)),
                              std::back_inserter(services));
        }
    } catch (const YAML::Exception&) {
        return {};
    }
    return services;
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

SqlFiles find_sql_files(const fs::path& root)
{
    for (const char* name : {"sql", "db"}) {
        if (has_schema(root / name)) {
            return files_in(root / name);
        }
    }
    const std::vector<fs::path> nested = nested_sql_folders(root);
    if (nested.size() == 1) {
        return files_in(nested.front());
    }
    return {{}, {}, nested};
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

std::optional<ComposeDatabase> find_compose_database(const std::string& text)
{
    const std::vector<Service> services = read_services(text);
    const auto found = std::ranges::find_if(services, is_database);
    if (found == services.end()) {
        return std::nullopt;
    }
    const std::string user = value_or(*found, "POSTGRES_USER", "postgres");
    return ComposeDatabase{found->name, value_or(*found, "POSTGRES_DB", user), user,
                           host_port(*found)};
}

} // namespace crudctl::config
