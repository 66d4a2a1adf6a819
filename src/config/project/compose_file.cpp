#include "config/project/compose_file.hpp"

#include "database/name.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include <yaml-cpp/yaml.h>

namespace crudctl::config {

namespace {

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
    std::map<std::string, std::string, std::less<>> environment;
    std::vector<std::string> ports; // in short form: "127.0.0.1:5433:5432"
};

/// ${NAME}, ${NAME:-default}, ${NAME-default}, ${NAME:?message}, ${NAME:+other} and $NAME, as
/// compose has them; `$$` is a dollar sign.
class Interpolation {
public:
    Interpolation(std::string_view text, const ComposeSurroundings& surroundings)
        : m_rest(text), m_surroundings(surroundings)
    {}

    std::string text()
    {
        std::string result;
        while (!m_rest.empty()) {
            const std::size_t plain = std::min(m_rest.find('$'), m_rest.size());
            result += m_rest.substr(0, plain);
            m_rest.remove_prefix(plain);
            result += m_rest.empty() ? std::string() : reference();
        }
        return result;
    }

private:
    std::string reference()
    {
        m_rest.remove_prefix(1);
        if (m_rest.starts_with('$')) {
            m_rest.remove_prefix(1);
            return "$";
        }
        const std::size_t close = m_rest.find('}');
        if (m_rest.starts_with('{') && close != std::string_view::npos) {
            const std::string_view inside = m_rest.substr(1, close - 1);
            m_rest.remove_prefix(close + 1);
            return value_of(inside);
        }
        const std::string_view name = m_rest.substr(0, name_size(m_rest));
        m_rest.remove_prefix(name.size());
        return value_of(name);
    }

    std::string value_of(std::string_view inside) const
    {
        const std::string_view name = inside.substr(0, name_size(inside));
        std::string_view rest = inside.substr(name.size());
        const bool counts_empty = rest.starts_with(':');
        rest.remove_prefix(counts_empty ? 1 : 0);
        const auto value = m_surroundings.variable(std::string(name));
        const bool is_set = value && !(counts_empty && value->empty());
        if (rest.starts_with('+')) {
            return is_set ? std::string(rest.substr(1)) : std::string();
        }
        const bool has_default = rest.starts_with('-');
        return is_set ? *value : std::string(has_default ? rest.substr(1) : std::string_view());
    }

    static std::size_t name_size(std::string_view text)
    {
        const auto end = std::ranges::find_if_not(
            text, [](char c) { return is_letter_or_digit(c) || c == '_'; });
        return static_cast<std::size_t>(end - text.begin());
    }

    std::string_view m_rest;
    const ComposeSurroundings& m_surroundings;
};

/// Empty for what is no text, or longer than any name, image or port.
std::string text_of(const YAML::Node& node)
{
    return node.IsScalar() && node.Scalar().size() <= longest_text ? node.Scalar() : std::string();
}

/// Reads the services of a parsed file. Throws YAML::Exception where aliases make too much of it.
class ServiceReader {
public:
    explicit ServiceReader(const ComposeSurroundings& surroundings) : m_surroundings(surroundings)
    {}

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
        std::map<std::string, std::string, std::less<>> from_files;
        for (const auto& [key, value] : entries_of(node)) {
            if (key == "image") {
                service.image = interpolated(value);
            } else if (key == "environment") {
                service.environment = environment_of(value);
            } else if (key == "env_file") {
                from_files = environment_of_files(value);
            } else if (key == "ports") {
                service.ports = ports_of(value);
            }
        }
        service.environment.merge(from_files); // which counts for less
        return service;
    }

    std::string interpolated(const YAML::Node& node) const
    {
        return Interpolation(text_of(node), m_surroundings).text();
    }

    /// One path, or a list of paths, each by itself or as `path:` of a mapping.
    std::map<std::string, std::string, std::less<>> environment_of_files(const YAML::Node& node)
    {
        std::map<std::string, std::string, std::less<>> environment;
        std::vector<YAML::Node> items = items_of(node);
        if (node.IsScalar()) {
            items.push_back(node);
        }
        for (const YAML::Node& item : items) {
            std::string path = interpolated(item);
            for (const auto& [key, value] : entries_of(item)) {
                path = key == "path" ? interpolated(value) : path;
            }
            for (auto& [name, value] : m_surroundings.env_file(path)) {
                environment.insert_or_assign(name, std::move(value)); // the last file counts
            }
        }
        return environment;
    }

    /// From a mapping, or from a list of `KEY=value`.
    std::map<std::string, std::string, std::less<>> environment_of(const YAML::Node& node)
    {
        std::map<std::string, std::string, std::less<>> environment;
        for (const auto& [key, value] : entries_of(node)) {
            environment[key] = interpolated(value);
        }
        for (const YAML::Node& item : items_of(node)) {
            const std::string text = interpolated(item);
            const auto separator = text.find('=');
            if (separator != std::string::npos) {
                environment[text.substr(0, separator)] = text.substr(separator + 1);
            }
        }
        return environment;
    }

    /// A port is `published:target`, or a mapping of these two.
    std::vector<std::string> ports_of(const YAML::Node& node)
    {
        std::vector<std::string> ports;
        for (const YAML::Node& item : items_of(node)) {
            std::map<std::string, std::string, std::less<>> port;
            for (const auto& [key, value] : entries_of(item)) {
                port[key] = interpolated(value);
            }
            ports.push_back(item.IsMap() ? port["published"] + ":" + port["target"]
                                         : interpolated(item));
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

    const ComposeSurroundings& m_surroundings;
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
std::vector<Service> read_services(const std::string& text, const ComposeSurroundings& surroundings)
{
    std::vector<Service> services;
    try {
        ServiceReader reader(surroundings);
        for (const std::string& document : documents_of(text)) {
            std::ranges::move(reader.services_of(YAML::Load(document)),
                              std::back_inserter(services));
        }
    } catch (const YAML::Exception&) {
        return {};
    }
    return services;
}

/// Beside the one that the application uses.
bool is_for_tests(const Service& service)
{
    return service.name.find("test") != std::string::npos ||
           value_or(service, "POSTGRES_DB", "").find("test") != std::string::npos;
}

ComposeDatabase database_of(const Service& service)
{
    const std::string user = value_or(service, "POSTGRES_USER", "postgres");
    const std::string database = value_or(service, "POSTGRES_DB", user);
    return {service.name, database::is_of_server(database) ? "" : database, user,
            host_port(service)};
}

} // namespace

std::vector<ComposeDatabase> find_compose_databases(const std::string& text,
                                                    const ComposeSurroundings& surroundings)
{
    std::vector<Service> services = read_services(text, surroundings);
    std::erase_if(services, [](const Service& service) { return !is_database(service); });
    std::stable_partition(services.begin(), services.end(), std::not_fn(is_for_tests));
    std::vector<ComposeDatabase> databases;
    std::ranges::transform(services, std::back_inserter(databases), database_of);
    return databases;
}

} // namespace crudctl::config
