#pragma once

#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace crudctl::tests {

/// The repository's own sample project with its own settings: `local` is a Postgres that crudctl
/// runs itself, of the test cluster's version, with its data below this folder. Stopped and deleted
/// at the end. Root's server runs under another account, so the folder lets everybody through.
class OwnServerProject {
public:
    OwnServerProject()
    {
        const std::filesystem::path source = source_folder();
        std::filesystem::create_directories(root());
        for (const char* folder : {"sql", "config"}) {
            std::filesystem::copy(source / folder, root() / folder,
                                  std::filesystem::copy_options::recursive);
        }
    }
    ~OwnServerProject() { run({"server", "stop"}).result(); }
    OwnServerProject(const OwnServerProject&) = delete;
    OwnServerProject& operator=(const OwnServerProject&) = delete;

    std::filesystem::path root() const { return m_folder / "project"; }
    std::filesystem::path data() const { return m_folder / "server"; }

    /// `call` in this project: its folder, its home, its server's place.
    CliCall in_project(CliCall call) const
    {
        call.in_folder(root())
            .with_variable("HOME", m_folder.path())
            .with_variable("CRUDCTL_SERVER_DATA_DIRECTORY", data());
        if (std::getenv("CRUDCTL_TEST_SERVER") != nullptr) {
            call.with_variable("CRUDCTL_PG_BIN", TestCluster::running().binaries());
        }
        return call;
    }
    CliCall run(std::vector<std::string> arguments) const
    {
        return in_project(run_crudctl(std::move(arguments)));
    }

private:
    TempFolder m_folder{0755};
};

} // namespace crudctl::tests
