#include "config/trust/project_program.hpp"

#include "config/file/interpolation.hpp"
#include "support/system/file.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace crudctl::config {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_program = std::size_t{256} << 20U;

constexpr std::array interpreters = {"sh",     "bash", "dash", "zsh", "ksh",  "fish", "env", "node",
                                     "python", "ruby", "perl", "php", "deno", "bun",  "make"};

bool is_executable(const fs::path& file)
{
    std::error_code missing;
    return (fs::status(file, missing).permissions() & fs::perms::owner_exec) != fs::perms::none;
}

} // namespace

fs::path repository_root(const fs::path& root)
{
    std::error_code missing;
    for (fs::path folder = fs::weakly_canonical(root, missing); !missing;
         folder = folder.parent_path()) {
        if (fs::exists(folder / ".git", missing)) {
            return folder;
        }
        if (folder == folder.parent_path()) {
            break;
        }
    }
    return root;
}

bool is_interpreter(const std::string& program)
{
    std::string name = fs::path(program).filename().string();
    name.erase(name.find_last_not_of("0123456789.") + 1);
    return std::ranges::find(interpreters, name) != interpreters.end();
}

std::optional<std::string> project_program(const std::string& word, const fs::path& root,
                                           bool is_interpreted)
{
    std::error_code missing;
    const fs::path path = fs::weakly_canonical(root / word, missing);
    const fs::path below =
        path.lexically_relative(fs::weakly_canonical(repository_root(root), missing));
    if (missing || below.empty() || *below.begin() == ".." || !fs::is_regular_file(path, missing) ||
        (!is_interpreted && !is_executable(path))) {
        return std::nullopt;
    }
    return fmt::format("{} of this project, SHA-256 {}", below.string(),
                       sha256_hex(read_file(path, largest_program).text));
}

std::vector<std::string> command_lines(const Entry& entry, const Variables& variables,
                                       const fs::path& root)
{
    const std::vector<Value>& items = entry.value.items;
    const bool is_interpreted = is_interpreter(text_of_project(items.front().text, variables));
    std::vector<std::string> lines = {""};
    for (const Value& item : items) {
        const std::string word = text_of_project(item.text, variables);
        lines.front() += (lines.front().empty() ? "" : " ") + shell_word(word);
        if (auto file = project_program(word, root, is_interpreted)) {
            lines.push_back(std::move(*file));
        }
    }
    return lines;
}

} // namespace crudctl::config
