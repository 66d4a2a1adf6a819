#include "commands/lambda/actions.hpp"
#include "commands/lambda/archive.hpp"
#include "commands/lambda/trigger.hpp"
#include "commands/lambda/zip_writer.hpp"
#include "operation/trust/trusting.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

constexpr std::size_t largest_upload = std::size_t{50} << 20U; // Lambda's; by way of S3 it is more

/// A folder that is deleted at the end.
class ScratchFolder {
public:
    ScratchFolder()
    {
        std::string pattern = (fs::temp_directory_path() / "crudctl-lambda-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw Error(ExitCode::failed, "cannot make a folder to try the package in");
        }
        m_path = pattern;
    }
    ~ScratchFolder()
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const fs::path& path() const noexcept { return m_path; }

private:
    fs::path m_path;
};

[[noreturn]] void refuse(const std::string& what, std::string_view said)
{
    throw Error(ExitCode::failed,
                fmt::format("{}: {}", what, printable(shortened(std::string(trimmed(said)), 500))),
                "nothing was written");
}

/// Runs a program of the package without any environment.
ProgramResult run_inside(Context& context, const fs::path& folder, std::vector<std::string> argv)
{
    ProgramCall call;
    argv.front() = (folder / argv.front()).string();
    call.argv = std::move(argv);
    call.directory = folder;
    return context.processes.run(call);
}

/// A library that is missing in the package could be found on this machine, and not on Lambda's.
void require_own_libraries(Context& context, const fs::path& folder)
{
    const std::string libraries = (folder / "lib").string();
    const ProgramResult listed =
        run_inside(context, folder,
                   {"lib/crudctl-loader", "--inhibit-cache", "--library-path", libraries, "--list",
                    libraries + "/crudctl"});
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);) {
        const auto arrow = line.find(" => ");
        const bool is_elsewhere = arrow != std::string::npos &&
                                  line.compare(arrow + 4, libraries.size(), libraries) != 0 &&
                                  line.find("crudctl-loader") == std::string::npos;
        if (is_elsewhere) {
            refuse("the package lacks a library", line);
        }
    }
    if (!listed.succeeded()) {
        refuse("the package's loader does not start", listed.err);
    }
}

/// Starts it as Lambda would, with nothing of this machine's but the kernel and a shell.
void require_start(Context& context, const PackedFiles& files)
{
    const ScratchFolder folder;
    for (const auto& [name, file] : files) {
        const fs::path path = folder.path() / name;
        fs::create_directories(path.parent_path());
        write_file(path, file.content, file.mode);
    }
    require_own_libraries(context, folder.path());
    const ProgramResult result = run_inside(context, folder.path(), {"bootstrap", "--dry-run"});
    if (!result.succeeded()) {
        refuse("the package does not start without an environment", result.err);
    }
}

std::string zip_of(const PackedFiles& files)
{
    ZipWriter writer;
    for (const auto& [name, file] : files) {
        writer.add(name, file.content, file.mode);
    }
    return writer.finish();
}

void report(Context& context, const std::string& output, const PackedFiles& files, std::size_t size)
{
    context.console.note(fmt::format("{}: {}, {}; it starts without an environment", output,
                                     counted(files.size(), "file"), size_text(size)));
    if (!context.options.profile) {
        context.console.note(
            "  the function's variable CRUDCTL_PROFILE has to name the profile, or "
            "-p here");
    }
    if (size > largest_upload) {
        context.console.warning(fmt::format("Lambda takes no more than {} at once: it has to go by "
                                            "way of S3",
                                            size_text(largest_upload)));
    }
    if (context.options.json) {
        nlohmann::ordered_json names = nlohmann::ordered_json::array();
        for (const auto& file : files) {
            names.push_back(file.first);
        }
        context.console.result(
            nlohmann::ordered_json{{"file", output}, {"bytes", size}, {"files", names}}.dump(2));
    }
}

/// What the function may run and send: what the profile wants, once a person has agreed. Where this
/// machine lacks the function's variables that can't be told, and the function's own CRUDCTL_TRUST
/// says it.
std::string trust_for_function(Context& context)
{
    std::vector<config::TrustRequest> requests;
    try {
        requests = requests_of_settings(context, context.settings.chosen_profile());
    } catch (const Error&) {
        return {};
    }
    require_trust(context, requests);
    return digest_of(requests);
}

} // namespace

void run_lambda_package(Context& context, const LambdaOptions& options)
{
    lambda_queries(context); // what is wrong with them shows here, not in the function's log
    const PackedFiles files = lambda_files(context, trust_for_function(context));
    require_start(context, files);
    if (context.options.dry_run) {
        context.console.note(
            fmt::format("  would write {} with {}", options.output, counted(files.size(), "file")));
        return;
    }
    const std::string zip = zip_of(files);
    write_file(options.output, zip);
    report(context, options.output, files, zip.size());
}

} // namespace crudctl::commands
