#pragma once

#include "support/cli_runner.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// A project of its own below a home folder of its own: the repository's sql/, and a crudctl.toml
/// whose profile `local` is $CONNECTION_URL and whose `prod` is $PROD_CONNECTION_URL.
///
///     SampleProject project;
///     project.set_variable("CONNECTION_URL", database.url());
///     const auto result = project.run_crudctl({"setup"}).result();
class SampleProject {
public:
    SampleProject();

    const std::filesystem::path& home() const noexcept { return m_home.path(); }
    std::filesystem::path root() const { return m_home / "project"; }

    /// Writes or replaces a file of the project.
    std::filesystem::path write(std::string_view name, std::string_view text) const;
    /// For every run from here on.
    void set_variable(std::string name, std::string value);

    /// crudctl, to be run in the project's root.
    CliCall run_crudctl(std::vector<std::string> arguments) const;

private:
    TempFolder m_home;
    std::map<std::string, std::string> m_variables;
};

} // namespace crudctl::tests
