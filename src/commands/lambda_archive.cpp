#include "commands/lambda_archive.hpp"

#include "commands/templates.hpp"
#include "config/known_secrets.hpp"
#include "config/toml_file.hpp"
#include "support/ca_bundle.hpp"
#include "support/file.hpp"
#include "support/loaded_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

namespace crudctl::commands {

namespace fs = std::filesystem;

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

} // namespace

PackedFiles lambda_files(const Context& context)
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
    replace(bootstrap, "@config@", config_place);
    files["bootstrap"] = {std::move(bootstrap), 0755};
    return files;
}

} // namespace crudctl::commands
