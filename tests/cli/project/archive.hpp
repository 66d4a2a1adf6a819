#pragma once

#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::tests {

/// The archive of the crudctl under test, unpacked into a folder that holds nothing else.
class Archive {
public:
    Archive()
    {
        const auto packed = run_crudctl({build().string(), (m_folder / "dist").string()})
                                .with_program(source_folder() / "scripts/tarball.sh")
                                .result();
        INFO(packed.err);
        REQUIRE(packed.exit_code == 0);
        std::filesystem::create_directories(root());
        const auto unpacked = run_crudctl({"-c",
                                           "tar -x -z -f \"$0\"/dist/crudctl-*.tar.gz -C \"$1\" && "
                                           "mv \"$1\"/crudctl-*-linux-* \"$1/crudctl\"",
                                           m_folder.path().string(), root().string()})
                                  .with_program("/bin/sh")
                                  .result();
        INFO(unpacked.err);
        REQUIRE(unpacked.exit_code == 0);
    }

    static std::filesystem::path build() { return crudctl_binary().parent_path(); }
    std::filesystem::path root() const { return m_folder / "root"; }
    std::filesystem::path folder() const { return root() / "crudctl"; }
    /// The folder with the archive as it was packed.
    std::filesystem::path packed() const { return m_folder / "dist"; }
    std::filesystem::path program() const { return folder() / "bin/crudctl"; }

    /// With these words on its command line and nothing at all in its environment.
    CliCall without_environment(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {"-i", program().string()});
        return run_crudctl(std::move(arguments)).with_program("/usr/bin/env");
    }

private:
    TempFolder m_folder{0755};
};

} // namespace crudctl::tests
