#include "config/compose_file.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace crudctl::config {

namespace {

constexpr std::array<std::string_view, 6> database_images = {
    "postgres", "postgresql", "postgis", "pgvector", "timescaledb", "timescaledb-ha"};

/// `key: value`, `- value` or `- key=value`, and how far it is indented.
struct Line {
    std::size_t indent = 0;
    bool is_item = false;
    std::string key;
    std::string value;
};

std::string_view without_quotes(std::string_view text)
{
    const bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                           text.back() == text.front();
    return is_quoted ? text.substr(1, text.size() - 2) : text;
}

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

std::string_view without_comment(std::string_view text)
{
    return text.substr(0, std::min(text.find(" #"), text.size()));
}

std::optional<Line> read_line(std::string_view text)
{
    Line line;
    line.indent = std::min(text.find_first_not_of(' '), text.size());
    text = trimmed(without_comment(text.substr(line.indent)));
    if (text.empty() || text.front() == '#') {
        return std::nullopt;
    }
    line.is_item = text.starts_with("- ");
    if (line.is_item) {
        text = without_quotes(trimmed(text.substr(2)));
    }
    const auto separator = line.is_item ? text.find('=') : text.find(':');
    if (separator != std::string_view::npos) {
        line.key = without_quotes(trimmed(text.substr(0, separator)));
        line.value = without_quotes(trimmed(text.substr(separator + 1)));
    } else {
        line.value = text;
    }
    return line;
}

/// What one service says that matters here.
struct Service {
    std::string name;
    std::string image;
    std::map<std::string, std::string> environment;
    std::vector<std::string> ports;
};

/// Follows the lines of `services:`, with the indentation of a service and of its keys.
class ServiceReader {
public:
    void take(const Line& line)
    {
        if (line.indent == 0) {
            m_is_inside = line.key == "services" && !line.is_item;
            return;
        }
        if (!m_is_inside) {
            return;
        }
        m_name_indent = m_name_indent == 0 ? line.indent : m_name_indent;
        if (line.indent == m_name_indent) {
            services.push_back({line.key, {}, {}, {}});
            m_key_indent = 0;
        } else if (!services.empty()) {
            take_key(services.back(), line);
        }
    }

    std::vector<Service> services;

private:
    void take_key(Service& service, const Line& line)
    {
        m_key_indent = m_key_indent == 0 ? line.indent : m_key_indent;
        if (line.indent == m_key_indent && !line.is_item) {
            m_key = line.key;
            service.image = m_key == "image" ? line.value : service.image;
        } else if (m_key == "environment") {
            service.environment[line.key] = without_variable(line.value);
        } else if (m_key == "ports" && line.is_item) {
            service.ports.push_back(line.value);
        }
    }

    bool m_is_inside = false;
    std::size_t m_name_indent = 0;
    std::size_t m_key_indent = 0;
    std::string m_key;
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
        if (!host.empty() && host.find_first_not_of("0123456789") == std::string_view::npos) {
            return std::string(host);
        }
    }
    return {};
}

} // namespace

std::optional<ComposeDatabase> find_compose_database(std::string_view text)
{
    ServiceReader reader;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (const auto line = read_line(text.substr(0, end))) {
            reader.take(*line);
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const auto found = std::ranges::find_if(reader.services, is_database);
    if (found == reader.services.end()) {
        return std::nullopt;
    }
    const std::string user = value_or(*found, "POSTGRES_USER", "postgres");
    return ComposeDatabase{found->name, value_or(*found, "POSTGRES_DB", user), user,
                           host_port(*found)};
}

} // namespace crudctl::config
