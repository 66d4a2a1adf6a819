#include "commands/init/project_files.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/text/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <sstream>
#include <vector>

#include <dtl/dtl.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

constexpr std::size_t largest_project_file = std::size_t{1} << 20U;

enum class State { written, replaced, same, differs };

constexpr const char* name_of(State state)
{
    switch (state) {
    case State::written:
        return "written";
    case State::replaced:
        return "replaced";
    case State::same:
        return "same";
    case State::differs:
        break;
    }
    return "differs";
}

/// What becomes of one file.
struct Outcome {
    const ProjectFile* file = nullptr;
    State state = State::written;
    std::string difference; // as a diff, or as the lines to be added
    std::string kept_as;    // the old one's new name
};

std::optional<FileContent> content_of(const fs::path& path)
{
    std::error_code ignored;
    return fs::symlink_status(path, ignored).type() == fs::file_type::not_found
               ? std::nullopt
               : std::optional(read_file(path, largest_project_file));
}

/// Looks, and changes nothing.
Outcome outcome_for(const ProjectFile& file, const fs::path& root, const WritingOptions& options)
{
    const auto content = content_of(root / file.path);
    if (!content) {
        return {&file, State::written, {}, {}};
    }
    const std::string& there = content->text;
    const bool is_theirs = !file.enough.empty();
    if (there == file.text || (is_theirs && there.find(file.enough) != std::string::npos)) {
        return {&file, State::same, {}, {}};
    }
    if (is_theirs) {
        return {&file, State::differs, file.addition, {}};
    }
    const std::string name = file.path.string();
    const std::string difference = unified_diff(there, file.text, name, name + " (crudctl init)");
    if (!options.overwrites) {
        return {&file, State::differs, difference, {}};
    }
    std::string time = utc_text(std::chrono::system_clock::now());
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
    return {&file, State::replaced, difference, fmt::format("{}.{}", name, time)};
}

void write(const Outcome& outcome, const fs::path& root)
{
    const fs::path path = root / outcome.file->path;
    if (outcome.state == State::replaced) {
        const FileContent old = read_file(path, largest_project_file);
        write_file(root / outcome.kept_as, old.text, old.facts.mode);
    }
    if (outcome.state == State::written || outcome.state == State::replaced) {
        make_folders(path.parent_path(), 0755);
        write_file(path, outcome.file->text, outcome.file->mode);
    }
}

/// The file's path from the working directory: "../crudctl.toml" in a subfolder.
std::string name_here(const Context& context, const fs::path& path)
{
    std::error_code unknown;
    const fs::path here = fs::current_path(unknown);
    const fs::path shown = (context.settings.root() / path).lexically_proximate(here);
    return unknown || path.is_absolute() ? path.string() : shown.string();
}

void tell(Context& context, const Outcome& outcome)
{
    const std::string name = name_here(context, outcome.file->path);
    const bool is_plan = context.options.dry_run;
    switch (outcome.state) {
    case State::written:
        context.console.note(fmt::format("{} {}", is_plan ? "would write" : "wrote", name));
        break;
    case State::replaced:
        context.console.note(fmt::format("{} {}; the old one {} {}",
                                         is_plan ? "would replace" : "replaced", name,
                                         is_plan ? "would be" : "is", outcome.kept_as));
        break;
    case State::same:
        context.console.note(fmt::format("{} is as it should be", name));
        break;
    case State::differs:
        context.console.note(
            outcome.file->addition.empty()
                ? fmt::format("{} is there and differs, as shown", name)
                : fmt::format("{} is there and is left alone; these lines are for it", name));
        break;
    }
}

std::string json_of(const std::vector<Outcome>& outcomes)
{
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const Outcome& outcome : outcomes) {
        nlohmann::ordered_json entry = {{"path", outcome.file->path.string()},
                                        {"state", name_of(outcome.state)}};
        if (!outcome.difference.empty()) {
            entry[outcome.file->addition.empty() ? "diff" : "add"] = outcome.difference;
        }
        if (!outcome.kept_as.empty()) {
            entry["kept_as"] = outcome.kept_as;
        }
        entry["text"] = outcome.file->text;
        files.push_back(std::move(entry));
    }
    return nlohmann::ordered_json{{"files", files}}.dump(
        2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void print(Context& context, const std::vector<ProjectFile>& files)
{
    for (const ProjectFile& file : files) {
        const bool needs_name = files.size() > 1;
        context.console.result(
            (needs_name ? fmt::format("==> {} <==\n", file.path.string()) : std::string()) +
            file.text);
    }
}

[[noreturn]] void refuse(const std::vector<Outcome>& outcomes)
{
    const auto differs =
        std::ranges::find_if(outcomes, [](const Outcome& o) { return o.state == State::differs; });
    const std::string name = differs->file->path.string();
    if (!differs->file->addition.empty()) {
        throw Error(ExitCode::differs,
                    fmt::format("\"{}\" does not call \"{}\" yet", name, differs->file->enough),
                    "add the lines above to it, in your own way");
    }
    throw Error(
        ExitCode::differs, fmt::format("\"{}\" is there, differs, and was not changed", name),
        "--overwrite replaces it and keeps the old one beside it; --print shows the new one");
}

std::vector<std::string> lines_of(const std::string& text)
{
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

void write_files(Context& context, const std::vector<ProjectFile>& files,
                 const WritingOptions& options)
{
    if (options.prints && !context.options.json) {
        return print(context, files);
    }
    const fs::path& root = context.settings.root();
    std::vector<Outcome> outcomes;
    outcomes.reserve(files.size());
    for (const ProjectFile& file : files) {
        outcomes.push_back(outcome_for(file, root, options));
    }
    const bool may_write = !options.prints && !context.options.dry_run;
    for (const Outcome& outcome : outcomes) {
        if (!context.options.json) {
            context.console.result(outcome.difference);
        }
        if (may_write) {
            write(outcome, root);
        }
        tell(context, outcome);
    }
    if (context.options.json) {
        context.console.result(json_of(outcomes));
    }
    const bool has_difference = std::ranges::any_of(
        outcomes, [](const Outcome& outcome) { return outcome.state == State::differs; });
    if (has_difference && may_write) {
        refuse(outcomes);
    }
}

std::string unified_diff(const std::string& before, const std::string& after,
                         const std::string& from, const std::string& to)
{
    dtl::Diff<std::string> diff(lines_of(before), lines_of(after));
    diff.compose();
    diff.composeUnifiedHunks();
    std::ostringstream hunks;
    diff.printUnifiedFormat(hunks);
    const std::string text = hunks.str();
    return text.empty() ? text : fmt::format("--- {}\n+++ {}\n{}", from, to, text);
}

} // namespace crudctl::commands
