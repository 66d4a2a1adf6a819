#include "support/cli_runner.hpp"
#include "support/paths.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

TEST_CASE("the Debian package names what it needs, and brings program and completions")
{
    const TempFolder place;
    const fs::path config = crudctl_binary().parent_path() / "CPackConfig.cmake";
    const auto run = [&](const std::string& script) {
        const CliResult result = run_crudctl({"-c", script, config.string()})
                                     .with_program("/bin/sh")
                                     .in_folder(place.path())
                                     .result();
        CAPTURE(script, result.err, result.out);
        CHECK(result.exit_code == 0);
        return result.out;
    };
    run("cpack -G DEB --config \"$0\" -B \"$PWD\"");
    const std::string needs = run("dpkg-deb --field ./*.deb Depends Recommends Maintainer");
    CHECK(needs.find("libpq5 (>= ") != std::string::npos);
    CHECK(needs.find("libcurl4") != std::string::npos);
    CHECK(needs.find("libyaml-cpp") != std::string::npos);
    CHECK(needs.find("postgresql-client") != std::string::npos);

    run("dpkg-deb --extract ./*.deb root");
    CHECK(run("root/usr/bin/crudctl --version").starts_with("crudctl "));
    const fs::path share = place / "root/usr/share";
    CHECK(fs::exists(share / "bash-completion/completions/crudctl"));
    CHECK(fs::exists(share / "zsh/vendor-completions/_crudctl"));
    CHECK(fs::exists(share / "fish/vendor_completions.d/crudctl.fish"));
    CHECK(fs::exists(share / "doc/crudctl/examples/crudctl.toml"));
    CHECK_FALSE(fs::exists(place / "root/usr/bin/crudctl_launcher"));
}
