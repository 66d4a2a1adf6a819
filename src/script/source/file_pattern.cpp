#include "script/source/source_file.hpp"

#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include <glob.h>

namespace fs = std::filesystem;

namespace crudctl::script {

namespace {

constexpr std::array<std::string_view, 4> loaded_endings = {".sql", ".csv", ".sql.gz", ".csv.gz"};

bool is_loaded(const fs::path& path)
{
    const std::string name = lower_ascii(path.filename().string());
    return !name.starts_with('.') &&
           std::ranges::any_of(loaded_endings, [&](auto ending) { return name.ends_with(ending); });
}

bool is_folder(const fs::path& path)
{
    std::error_code failure;
    return fs::is_directory(path, failure);
}

std::vector<fs::path> files_in(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (is_loaded(entry->path()) && !is_folder(entry->path())) {
            files.push_back(entry->path());
        }
    }
    return files;
}

std::vector<fs::path> files_matching(const std::string& pattern)
{
    glob_t found{};
    std::vector<fs::path> files;
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
        files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    std::erase_if(files, is_folder);
    return files;
}

} // namespace

std::vector<fs::path> files_named_by(const fs::path& path)
{
    std::vector<fs::path> files;
    if (!is_there(path)) {
        files = files_matching(path.string());
    } else if (is_folder(path)) {
        files = files_in(path);
    }
    std::ranges::sort(files, {}, &fs::path::native);
    return files.empty() ? std::vector<fs::path>{path} : files;
}

} // namespace crudctl::script
