#include "cli/project/archive.hpp"
#include "cli/project/own_server_project.hpp"
#include "support/system/file.hpp"

#include <fstream>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
namespace fs = std::filesystem;

namespace {

bool has_text(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// A repository that a workspace is started from, with a server of its own.
struct Workspace : OwnServerProject {
    Workspace()
    {
        fs::create_directories(root() / ".git");
        fs::create_directories(home() / ".local/bin");
    }

    fs::path home() const { return root().parent_path(); }
    fs::path installed() const { return home() / ".local/share/crudctl"; }
    std::string text(const std::string& file) const
    {
        return read_file(root() / file, 1 << 20).text;
    }
    void write(const std::string& file, const std::string& text) const
    {
        fs::create_directories((root() / file).parent_path());
        std::ofstream(root() / file) << text;
    }

    CliResult init(std::vector<std::string> arguments, std::string variable = "UNUSED",
                   std::string value = "") const
    {
        arguments.insert(arguments.begin(), {"init", "--hook"});
        return run(std::move(arguments)).with_variable(std::move(variable), value).result();
    }

    /// What the workspace calls, with nothing in its environment but what a workspace has.
    CliResult start(const std::string& download, const std::string& command) const
    {
        std::vector<std::string> words = {"-i", "HOME=" + home().string(),
                                          "PATH=/usr/bin:/bin:" + (home() / ".local/bin").string(),
                                          "CRUDCTL_DOWNLOAD=" + download,
                                          "CRUDCTL_SERVER_DATA_DIRECTORY=" + data().string()};
        if (std::getenv("CRUDCTL_TEST_SERVER") != nullptr) {
            words.push_back("CRUDCTL_PG_BIN=" + TestCluster::running().binaries().string());
        }
        words.insert(words.end(), {"/bin/sh", "-c", command});
        return run_crudctl(std::move(words))
            .with_program("/usr/bin/env")
            .in_folder(root())
            .result();
    }
};

/// The packed archive with its checksums, as it would lie on a server.
struct Release {
    Release() { write_sums(archive.packed()); }

    void write_sums(const fs::path& folder) const
    {
        const auto made = run_crudctl({"-c", "cd \"$0\" && sha256sum crudctl-* >\"$1/SHA256SUMS\"",
                                       archive.packed().string(), folder.string()})
                              .with_program("/bin/sh")
                              .result();
        REQUIRE(made.exit_code == 0);
    }
    void spoil() const
    {
        for (const auto& entry : fs::directory_iterator(archive.packed())) {
            if (entry.path().extension() == ".gz") {
                std::ofstream(entry.path(), std::ios::app) << "one byte more";
            }
        }
    }
    std::string folder() const { return archive.packed().string(); }

    Archive archive;
};

} // namespace

TEST_CASE("the hook's script installs in a prebuild, starts, and starts again")
{
    const Workspace workspace;
    const Release release;
    REQUIRE(workspace.init({"gitpod"}).exit_code == 0);

    const CliResult prebuild = workspace.start(release.folder(), "sh .crudctl/start.sh install");
    INFO(prebuild.err);
    REQUIRE(prebuild.exit_code == 0);
    CHECK(has_text(prebuild.err, "installed crudctl"));
    CHECK_FALSE(fs::exists(workspace.data()));

    const CliResult start = workspace.start(release.folder(), "sh .crudctl/start.sh");
    INFO(start.err);
    CHECK(start.exit_code == 0);
    CHECK(has_text(start.err, "the rule was not updated"));
    CHECK(has_text(start.err, "2 tables, 8 rows"));
    CHECK_FALSE(has_text(start.err, "installed crudctl"));

    CHECK(workspace.run({"server", "stop"}).result().exit_code == 0);
    const CliResult restart = workspace.start("", "sh .crudctl/start.sh");
    INFO(restart.err);
    CHECK(restart.exit_code == 0);
    CHECK(has_text(restart.err, "nothing to do"));
    CHECK(workspace.start("", "crudctl --version").out.starts_with("crudctl "));
}

TEST_CASE("the hook's script uses no archive that its checksum does not know")
{
    const Workspace workspace;
    const Release release;
    workspace.init({"gitpod"});
    const auto install = [&](const std::string& download) {
        const CliResult result = workspace.start(download, "sh .crudctl/start.sh install");
        CAPTURE(download);
        CHECK(result.exit_code == 3);
        CHECK_FALSE(fs::exists(workspace.home() / ".local/bin/crudctl"));
        return result.err;
    };
    CHECK(has_text(install(""), "CRUDCTL_DOWNLOAD does not say where"));
    CHECK(has_text(install(release.folder() + "/none"), "cannot fetch crudctl-"));
    CHECK(has_text(install("http://127.0.0.1:1"), "cannot fetch crudctl-"));

    workspace.write(".crudctl/SHA256SUMS", std::string(64, '0') + "  other.tar.gz\n");
    CHECK(has_text(install(release.folder()), "has no checksum"));
    release.write_sums(workspace.root() / ".crudctl");
    release.spoil();
    CHECK(has_text(install(release.folder() + "/"), "is not what its checksum says"));
    // Whoever can put another archive there can put its checksum there: the pinned one counts.
    release.write_sums(release.folder());
    CHECK(has_text(install("file://" + release.folder()), "is not what its checksum says"));
    CHECK(fs::is_empty(workspace.installed()));
}

TEST_CASE("several terminals may run the hook's script at once")
{
    const Workspace workspace;
    const Release release;
    workspace.init({"gitpod"});
    const CliResult both = workspace.start(
        release.folder(), "sh .crudctl/start.sh install & first=$!\n"
                          "sh .crudctl/start.sh install; second=$?\nwait $first; echo $? $second");
    INFO(both.err);
    CHECK(both.out == "0 0\n");
    const auto left = fs::directory_iterator(workspace.installed());
    CHECK(std::distance(begin(left), end(left)) == 1);
}

TEST_CASE("the hook is for the workspace that this is, else for the one there is a file of")
{
    const Workspace workspace;
    const auto kind_by = [&](const std::string& variable, const std::string& value) {
        return workspace.init({"--dry-run"}, variable, value).err;
    };
    CHECK(has_text(kind_by("GITPOD_WORKSPACE_ID", "a"), "for gitpod, by GITPOD_WORKSPACE_ID"));
    CHECK(has_text(kind_by("GITPOD_ENVIRONMENT_ID", "a"), "for ona, by"));
    CHECK(has_text(kind_by("CODESPACES", "true"), "for codespaces, by"));
    CHECK(has_text(kind_by("REMOTE_CONTAINERS", "true"), "for devcontainer, by"));
    const CliResult unknown = workspace.init({"--dry-run"});
    CHECK(unknown.exit_code == 2);
    CHECK(has_text(unknown.err, "crudctl init --hook ona|gitpod|codespaces|devcontainer"));
    workspace.write(".devcontainer.json", "{}");
    CHECK(has_text(workspace.init({"--dry-run"}).err, "for devcontainer, by .devcontainer.json"));
    workspace.write(".gitpod/automations.yaml", "");
    CHECK(has_text(workspace.init({"--dry-run"}).err, "for ona, by .gitpod/automations.yaml"));
    CHECK(has_text(workspace.init({"gitpot"}).err, "did you mean \"gitpod\"?"));
}

TEST_CASE("the hook installs where there are no secrets, and starts where there are")
{
    const Workspace workspace;
    const auto written = [&](const std::string& kind, const std::string& file) {
        REQUIRE(workspace.init({kind}).exit_code == 0);
        const std::string text = workspace.text(file);
        REQUIRE(workspace.init({kind}).exit_code == 0); // twice is once
        CHECK(workspace.text(file) == text);
        return text;
    };
    const std::string gitpod = written("gitpod", ".gitpod.yml");
    CHECK(has_text(gitpod, "\n    init: sh .crudctl/start.sh install\n"));
    CHECK(has_text(gitpod, "\n    command: sh .crudctl/start.sh\n"));
    const std::string ona = written("ona", ".ona/automations.yaml");
    CHECK(
        has_text(ona, "command: sh .crudctl/start.sh install\n    triggeredBy:\n      - prebuild"));
    CHECK(
        has_text(ona, "command: sh .crudctl/start.sh\n    triggeredBy:\n      - postEnvironment"));
    const std::string devcontainer = written("codespaces", ".devcontainer/devcontainer.json");
    CHECK(has_text(devcontainer, "\"updateContentCommand\": \"sh .crudctl/start.sh install"));
    CHECK(has_text(devcontainer, "\"postStartCommand\": \"sh .crudctl/start.sh || true\"\n}\n"));
}

TEST_CASE("a workspace's file that is there is never written to")
{
    const Workspace workspace;
    workspace.write(".gitpod.yml", "tasks:\n  - command: make\n");
    const CliResult shown = workspace.init({"gitpod", "--overwrite"});
    CHECK(shown.exit_code == 7);
    CHECK(has_text(shown.out, "command: sh .crudctl/start.sh\n"));
    CHECK(has_text(shown.err, "does not call \".crudctl/start.sh\" yet"));
    CHECK(workspace.text(".gitpod.yml") == "tasks:\n  - command: make\n");
    workspace.write(".gitpod.yml", "tasks:\n  - command: .crudctl/start.sh && make\n");
    CHECK(workspace.init({"gitpod"}).exit_code == 0);
}

TEST_CASE("a project below its repository's root is started from there")
{
    const Workspace workspace;
    fs::remove(workspace.root() / ".git");
    fs::create_directories(workspace.home() / ".git");
    REQUIRE(workspace.init({"gitpod"}).exit_code == 0);
    CHECK(has_text(workspace.text("../.gitpod.yml"), "command: sh project/.crudctl/start.sh\n"));
}

TEST_CASE("where to fetch from is kept in the script, but not with a password")
{
    const Workspace workspace;
    const auto script_for = [&](const std::string& download) {
        workspace.init({"gitpod", "--overwrite"}, "CRUDCTL_DOWNLOAD", download);
        return workspace.text(".crudctl/start.sh");
    };
    CHECK(has_text(script_for("https://files.example.com/crudctl"),
                   "\ndownload=${CRUDCTL_DOWNLOAD:-https://files.example.com/crudctl}\n"));
    CHECK(has_text(script_for("https://me:pw@files.example.com"), "{CRUDCTL_DOWNLOAD:-}\n"));
    CHECK(has_text(script_for("$(reboot)"), "{CRUDCTL_DOWNLOAD:-}\n"));
}
