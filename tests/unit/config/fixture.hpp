#pragma once

#include "config/profile/password.hpp"
#include "config/settings.hpp"
#include "support/error.hpp"
#include "support/system/file.hpp"
#include "support/temp_folder.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace crudctl::config::test {

namespace fs = std::filesystem;

/// The password that must never be seen.
inline const std::string canary = "S3cr3t-c4n4ry";

using Variables = std::map<std::string, std::string, std::less<>>;

/// A project's folder of its own, gone at the end; $HOME lies in it, too.
class ProjectFolder {
public:
    ProjectFolder()
    {
        fs::create_directories(home());
        fs::create_directories(root() / ".git");
    }

    fs::path root() const { return base() / "project"; }
    fs::path home() const { return base() / "home"; }
    fs::path base() const { return m_folder.path(); }

    /// Writes a file below the root (or anywhere, by an absolute path), for the owner's eyes alone
    /// unless said otherwise.
    fs::path write(const fs::path& path, std::string_view text, mode_t mode = 0600) const
    {
        fs::path file = root() / path;
        fs::create_directories(file.parent_path());
        write_file(file, text, mode);
        return file;
    }

    Sources sources(Variables variables = {}) const
    {
        variables.emplace("HOME", home().string());
        Sources result;
        result.environment = Environment(std::move(variables));
        result.working_directory = root();
        return result;
    }

    Settings load(Variables variables = {}) const
    {
        return load_settings(sources(std::move(variables)));
    }

    /// The same with this crudctl.toml.
    Settings load_text(std::string_view toml, Variables variables = {}) const
    {
        write("crudctl.toml", toml);
        return load(std::move(variables));
    }

private:
    tests::TempFolder m_folder;
};

struct Failure {
    ExitCode code = ExitCode::done;
    std::string message;
    std::string hint;
};

/// What the action throws; its code is `done` where it throws nothing. Looks for the canary, too.
template <typename Action>
Failure failure_of(Action action)
{
    try {
        action();
    } catch (const Error& error) {
        const std::string message = error.what();
        CHECK(message.find(canary) == std::string::npos);
        CHECK(error.hint().find(canary) == std::string::npos);
        return {error.code(), message, error.hint()};
    }
    return {};
}

} // namespace crudctl::config::test
