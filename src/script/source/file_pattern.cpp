#include "script/source/source_file.hpp"

#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include <fnmatch.h>
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

/// Whether the end of a path fits a pattern: its last names, as many as the pattern has.
bool fits_end(const fs::path& path, const std::string& pattern)
{
    std::string rest = path.string();
    for (;;) {
        if (::fnmatch(pattern.c_str(), rest.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) {
            return true;
        }
        const std::size_t slash = rest.find('/');
        if (slash == std::string::npos) {
            return false;
        }
        rest.erase(0, slash + 1);
    }
}

/// Of a pattern with `**`, which stands for any folders: without hidden ones, and without those of
/// packages.
std::vector<fs::path> files_below(const std::string& pattern, std::size_t stars)
{
    const fs::path base = fs::path(pattern.substr(0, stars)).parent_path();
    const std::size_t slash = pattern.find('/', stars);
    const std::string end = slash == std::string::npos ? "*" : pattern.substr(slash + 1);
    std::vector<fs::path> files;
    std::error_code error;
    fs::recursive_directory_iterator entry(base, fs::directory_options::skip_permission_denied,
                                           error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        const fs::path& path = entry->path();
        const std::string name = path.filename().string();
        if (name.starts_with('.') || name == "node_modules" || name == "venv") {
            entry.disable_recursion_pending();
        } else if (!is_folder(path) && fits_end(path.lexically_relative(base), end)) {
            files.push_back(path);
        }
    }
    return files;
}

std::vector<fs::path> files_matching(const std::string& pattern)
{
    if (const std::size_t stars = pattern.find("**"); stars != std::string::npos) {
        return files_below(pattern, stars);
    }
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
