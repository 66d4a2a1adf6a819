#include "config/service_file.hpp"

#include "support/error.hpp"
#include "support/file.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <filesystem>
#include <vector>

namespace crudctl::config {

namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20U;

std::vector<std::filesystem::path> service_files(const Environment& process)
{
    std::vector<std::filesystem::path> files;
    if (const auto file = process.value("PGSERVICEFILE")) {
        files.emplace_back(*file);
    } else if (const auto home = process.value("HOME")) {
        files.push_back(std::filesystem::path(*home) / ".pg_service.conf");
    }
    if (const auto folder = process.value("PGSYSCONFDIR")) {
        files.push_back(std::filesystem::path(*folder) / "pg_service.conf");
    }
    return files;
}

} // namespace

std::optional<Keywords> parse_service(std::string_view text, std::string_view service)
{
    std::optional<Keywords> keywords;
    while (!text.empty()) {
        const std::string_view whole = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), whole.size() + 1));
        const std::string_view line = trimmed(whole);
        if (line.starts_with('[')) {
            if (keywords) {
                return keywords;
            }
            if (line.ends_with(']') && line.substr(1, line.size() - 2) == service) {
                keywords.emplace();
            }
            continue;
        }
        const auto equals = line.find('=');
        if (keywords && !line.starts_with('#') && equals != std::string_view::npos) {
            keywords->emplace(trimmed(line.substr(0, equals)), line.substr(equals + 1));
        }
    }
    return keywords;
}

std::optional<Keywords> read_service(std::string_view service, const Environment& process)
{
    for (const std::filesystem::path& file : service_files(process)) {
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) {
            continue;
        }
        if (auto keywords = parse_service(read_file(file, largest_file).text, service)) {
            keywords->erase("password"); // libpq reads it itself, as the last resort
            return keywords;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::config
