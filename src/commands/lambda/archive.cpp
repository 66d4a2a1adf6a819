#include "commands/lambda/archive.hpp"

#include "commands/lambda/templates.hpp"
#include "config/file/toml_file.hpp"
#include "config/profile/password.hpp"
#include "support/error.hpp"
#include "support/system/ca_bundle.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <link.h>

namespace fs = std::filesystem;

namespace crudctl::commands {

namespace {

constexpr std::size_t largest_program = std::size_t{1} << 30U;
constexpr std::size_t largest_text = std::size_t{4} << 20U;

void replace(std::string& text, std::string_view what, const std::string& by)
{
    text.replace(text.find(what), what.size(), by);
}

void add_file(PackedFiles& files, const std::string& name, const fs::path& path,
              std::size_t max_bytes, mode_t mode = 0644)
{
    files[name] = {read_file(path, max_bytes).text, mode};
}

void add_program(PackedFiles& files)
{
    const LoadedFiles loaded = loaded_files();
    constexpr mode_t executable = 0755;
    add_file(files, "lib/crudctl", loaded.program, largest_program, executable);
    add_file(files, "lib/crudctl-loader", loaded.loader, largest_program, executable);
    for (const fs::path& library : loaded.libraries) {
        add_file(files, "lib/" + library.filename().string(), library, largest_program);
    }
}

/// Where a file of the project lies below its root; nothing where it lies elsewhere.
std::optional<std::string> place_in_project(const fs::path& path, const fs::path& root)
{
    const fs::path relative =
        fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(root));
    if (relative.empty() || *relative.begin() == "..") {
        return std::nullopt;
    }
    return relative.generic_string();
}

std::string required_place(const fs::path& path, const fs::path& root, const char* what)
{
    const auto place = place_in_project(path, root);
    if (!place) {
        throw Error(ExitCode::configuration,
                    fmt::format("cannot package {}: \"{}\" is outside of the project, \"{}\"", what,
                                path.string(), root.string()),
                    "the function finds it where it lies below the project's root");
    }
    return *place;
}

void add_queries(PackedFiles& files, const config::Project& project)
{
    const std::string place = required_place(project.queries, project.root, "the queries");
    std::error_code problem;
    for (const auto& entry : fs::recursive_directory_iterator(project.queries, problem)) {
        if (entry.path().extension() == ".sql" && entry.is_regular_file()) {
            const fs::path name =
                fs::path(place) / entry.path().lexically_relative(project.queries);
            add_file(files, name.generic_string(), entry.path(), largest_text);
        }
    }
}

/// The authorities that each profile trusts, where it says so; else what this machine trusts.
void add_certificates(PackedFiles& files, const Context& context, const config::TomlFile& toml)
{
    const fs::path& root = context.settings.root();
    for (const config::Entry& entry : toml.entries) {
        if (entry.path.back() == "sslrootcert" && entry.value.text != "system" &&
            entry.value.text.find("${") == std::string::npos) {
            const fs::path path = root / entry.value.text;
            add_file(files, required_place(path, root, "a profile's sslrootcert"), path,
                     largest_text);
        }
    }
    const Environment& environment = context.settings.environment();
    const fs::path at_home =
        fs::path(environment.value("HOME").value_or("/nonexistent")) / ".postgresql/root.crt";
    if (const auto named = environment.value("PGSSLROOTCERT")) {
        add_file(files, "etc/root.crt", *named, largest_text);
    } else if (is_there(at_home)) {
        add_file(files, "etc/root.crt", at_home, largest_text);
    }
    if (const auto authorities = system_ca_bundle(environment)) {
        add_file(files, "etc/ca-bundle.crt", *authorities, largest_text);
    }
}

/// As the archive calls them; its loader is what the system takes for the program that runs.
constexpr const char* archive_loader = "crudctl-loader";
constexpr const char* archive_program = "crudctl";

struct Listing {
    std::vector<fs::path> files;
    fs::path interpreter; // that the program itself names
};

fs::path interpreter_of(const dl_phdr_info& info)
{
    for (int i = 0; i < info.dlpi_phnum; ++i) {
        const auto& header = info.dlpi_phdr[i];
        if (header.p_type == PT_INTERP) {
            // The loader gives addresses as numbers.
            return reinterpret_cast<const char*>( // NOLINT(performance-no-int-to-ptr)
                info.dlpi_addr + header.p_vaddr);
        }
    }
    return {};
}

int take(dl_phdr_info* info, std::size_t /*size*/, void* target)
{
    auto& listing = *static_cast<Listing*>(target);
    const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
    if (listing.interpreter.empty()) { // the program comes first; libc names one as well
        listing.interpreter = interpreter_of(*info);
    }
    if (name.find('/') != std::string::npos) { // the kernel's own has no file
        listing.files.emplace_back(name);
    }
    return 0;
}

} // namespace

PackedFiles lambda_files(const Context& context, const std::string& trust)
{
    const config::Project& project = context.settings.project();
    const fs::path config_file = project.config_file.value();
    const std::string config_place = required_place(config_file, project.root, "the configuration");
    const config::TomlFile toml = config::read_toml_file(config_file, config_place);
    if (config::holds_password(toml)) {
        throw Error(ExitCode::configuration,
                    fmt::format("cannot package \"{}\": it holds a password", config_place),
                    "url = \"${PROD_CONNECTION_URL}\" takes it from a variable of the function; "
                    "auth = \"rds-iam\" and password_command do without one");
    }
    PackedFiles files;
    add_program(files);
    add_file(files, config_place, config_file, largest_text);
    add_queries(files, project);
    add_certificates(files, context, toml);
    std::string bootstrap = templates::bootstrap_sh;
    replace(bootstrap, "@profile@", context.options.profile.value_or(""));
    replace(bootstrap, "@trust@", trust);
    replace(bootstrap, "@config@", config_place);
    files["bootstrap"] = {std::move(bootstrap), 0755};
    return files;
}

LoadedFiles loaded_files()
{
    Listing listing;
    ::dl_iterate_phdr(take, &listing);
    std::error_code problem;
    LoadedFiles loaded;
    loaded.program = fs::read_symlink("/proc/self/exe", problem);
    if (problem) {
        throw Error(ExitCode::failed, "cannot tell where crudctl itself lies: /proc is missing");
    }
    loaded.loader = listing.interpreter;
    if (loaded.program.filename() == archive_loader) {
        loaded.loader = loaded.program;
        loaded.program = loaded.program.parent_path() / archive_program;
    }
    for (const fs::path& file : listing.files) {
        if (!fs::equivalent(file, loaded.loader, problem) &&
            !fs::equivalent(file, loaded.program, problem)) {
            loaded.libraries.push_back(file);
        }
    }
    std::sort(loaded.libraries.begin(), loaded.libraries.end(),
              [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
    return loaded;
}

} // namespace crudctl::commands
