#include "script/csv_name.hpp"

#include "support/text.hpp"

#include <array>
#include <string_view>

namespace crudctl::script {

namespace {

constexpr std::string_view gzip_ending = ".csv.gz";
constexpr std::array<std::string_view, 2> endings = {gzip_ending, ".csv"};

} // namespace

std::string csv_ending(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    for (const std::string_view ending : endings) {
        if (name.size() > ending.size() &&
            equal_ignoring_case(name.substr(name.size() - ending.size()), ending)) {
            return name.substr(name.size() - ending.size());
        }
    }
    return {};
}

bool has_csv_name(const std::filesystem::path& path)
{
    return !csv_ending(path).empty();
}

bool has_gzip_name(const std::filesystem::path& path)
{
    return csv_ending(path).size() == gzip_ending.size();
}

} // namespace crudctl::script
