#include "cli/database_project.hpp"
#include "support/paths.hpp"

#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

TEST_CASE("what is installed runs, completes and brings an example that loads")
{
    const TempFolder place;
    const fs::path build = crudctl_binary().parent_path();
    const auto installed = run_crudctl({"-c", "cmake --install \"$0\" --prefix \"$1\"",
                                        build.string(), place.path().string()})
                               .with_program("/bin/sh")
                               .result();
    INFO(installed.out << installed.err);
    REQUIRE(installed.exit_code == 0);

    const fs::path share = place / "share";
    CHECK(fs::exists(share / "zsh/site-functions/_crudctl"));
    CHECK(fs::exists(share / "fish/vendor_completions.d/crudctl.fish"));

    const auto run = [&](const std::string& script) {
        return run_crudctl({"-c", script, share.string()})
            .with_program("/bin/bash")
            .with_programs_from(place / "bin")
            .result();
    };
    CHECK(run("crudctl --version").out.starts_with("crudctl "));
    CHECK(run("source \"$0/bash-completion/completions/crudctl\"; complete -p crudctl").out ==
          "complete -o default -F _crudctl crudctl\n");
    const auto config = run("crudctl --config \"$0/doc/crudctl/examples/crudctl.toml\" config");
    CAPTURE(config.err);
    CHECK(config.exit_code == 0);
    CHECK(contains(config.out, "profiles.local.own_server"));
}
