#include "plan/author.hpp"

#include "support/error.hpp"
#include "support/process/user.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

namespace fs = std::filesystem;

namespace crudctl::plan {

namespace {

constexpr std::size_t git_digits = 10;

/// Anything but a few harmless characters comes out as '_', whatever the encoding.
std::string tame(const std::string& value)
{
    constexpr std::size_t longest = 64;
    std::string result = value.substr(0, longest);
    std::ranges::replace_if(
        result,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '.' || c == '_' || c == '@' || c == '-');
        },
        '_');
    return result;
}

constexpr std::size_t largest_pointer = 4096;
constexpr std::size_t largest_packed_refs = 16U << 20U;
constexpr int most_links = 5; // as git

/// Where HEAD lies, and where the branches do: not the same folder in a linked worktree.
struct GitFolders {
    fs::path own;
    fs::path common;
};

/// Empty where it cannot be read: a missing commit is no reason to stop anything.
std::string text_of(const fs::path& path, std::size_t max_bytes = largest_pointer)
{
    try {
        return is_there(path) ? std::string(trimmed(read_file(path, max_bytes).text)) : "";
    } catch (const Error&) {
        return {};
    }
}

/// What follows `label` at the text's beginning.
std::optional<std::string> behind(std::string_view label, std::string_view text)
{
    return text.starts_with(label) ? std::optional(std::string(trimmed(text.substr(label.size()))))
                                   : std::nullopt;
}

/// `entry` is a folder, or the file that stands for one in a linked worktree or a submodule.
fs::path own_folder(const fs::path& entry)
{
    std::error_code ignored;
    if (fs::is_directory(entry, ignored)) {
        return entry;
    }
    return entry.parent_path() / behind("gitdir:", text_of(entry)).value_or(".git");
}

std::optional<GitFolders> folders_above(fs::path folder)
{
    while (!is_there(folder / ".git")) {
        if (folder == folder.parent_path()) {
            return std::nullopt;
        }
        folder = folder.parent_path();
    }
    GitFolders folders;
    folders.own = own_folder(folder / ".git");
    folders.common = folders.own / text_of(folders.own / "commondir");
    return folders;
}

bool is_commit(std::string_view text)
{
    return (text.size() == 40 || text.size() == 64) &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Lines of commit and name; others are comments, and what a tag above them points at.
std::string packed(const fs::path& common, const std::string& name)
{
    std::string text = "\n";
    text.append(text_of(common / "packed-refs", largest_packed_refs)).append("\n");
    const std::size_t end = text.find(" " + name + "\n");
    if (end == std::string::npos) {
        return {};
    }
    const std::size_t begin = text.rfind('\n', end) + 1;
    return text.substr(begin, end - begin);
}

std::string reference(const GitFolders& folders, const std::string& name)
{
    if (!name.starts_with("refs/") || name.find("..") != std::string::npos) {
        return {};
    }
    for (const fs::path& folder : {folders.own, folders.common}) {
        if (std::string text = text_of(folder / name); !text.empty()) {
            return text;
        }
    }
    return packed(folders.common, name);
}

} // namespace

Author author_of(const std::filesystem::path& project_root)
{
    return {user_name(), host_name(), git_head(project_root).substr(0, git_digits)};
}

std::string statement_tag(const std::string& command, const Author& author,
                          const std::string& plan_id)
{
    std::string text = "/* crudctl " + tame(command);
    const auto add = [&](const char* name, const std::string& value) {
        text += value.empty() ? "" : fmt::format(" {}={}", name, tame(value));
    };
    add("user", author.user);
    add("host", author.host);
    add("git", author.git);
    add("plan", plan_id);
    return text + " */ ";
}

std::string git_head(fs::path folder)
{
    const auto folders = folders_above(std::move(folder));
    if (!folders) {
        return {};
    }
    std::string text = text_of(folders->own / "HEAD");
    for (int i = 0; i < most_links; ++i) {
        const auto name = behind("ref:", text);
        if (!name) {
            break;
        }
        text = reference(*folders, *name);
    }
    return is_commit(text) ? text : "";
}

} // namespace crudctl::plan
