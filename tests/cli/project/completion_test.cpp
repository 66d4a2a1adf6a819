#include "cli/database_project.hpp"
#include "support/paths.hpp"

#include <cstdio>
#include <cstdlib>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// What a shell's own completion machinery makes of a command line, through our script for it.
std::string completed_by(const std::string& program, const std::string& script,
                         const SampleProject& project)
{
    const std::filesystem::path folder = crudctl_binary().parent_path();
    return project.run_crudctl({"-c", script, (source_folder() / "completions").string()})
        .with_program("/usr/bin/" + program)
        .with_programs_from(folder)
        .result()
        .out;
}

} // namespace

TEST_CASE("bash completes commands and the profiles of the configuration at hand")
{
    const SampleProject project;
    const std::string script = R"(source "$0/crudctl.bash"
ask() { COMP_WORDS=(crudctl "$@"); COMP_CWORD=$#; _crudctl; printf '%s\n' "${COMPREPLY[@]}"; }
ask se; ask setup p; ask setup --no; ask init --hook co; ask query users/s)";
    const std::string out = completed_by("bash", script, project);
    CHECK(out == "setup\nseed\nsessions\nserver\nprod\n--no-seed\n--no-cache\ncodespaces\n"
                 "users/short\nusers/show\n");
}

TEST_CASE("zsh completes commands with their descriptions")
{
    const SampleProject project;
    const std::string script = R"(_describe() { print -rl -- "${candidates[@]}" }
_files() { print files }
words=(crudctl setup p); CURRENT=3
source "$0/_crudctl"
words=(crudctl stat); CURRENT=2
_crudctl
words=(crudctl --config x); CURRENT=3
_crudctl)";
    const std::string out = completed_by("zsh", script, project);
    CHECK(contains(out, "prod:profile\n"));
    CHECK(contains(out, "status:show where"));
    CHECK(contains(out, "files\n"));
}

TEST_CASE("fish completes through the shell's own machinery")
{
    const SampleProject project;
    const std::string script = R"(source $argv[1]/crudctl.fish
complete -C 'crudctl setup p'
complete -C 'crudctl sess')";
    const std::string out = completed_by("fish", script, project);
    CHECK(contains(out, "prod\tprofile\n"));
    CHECK(contains(out, "sessions\tshow who is connected\n"));
}
