#pragma once

#include "config/settings.hpp"
#include "operation/command_entry.hpp"
#include "support/process/process.hpp"
#include "support/terminal/console.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::commands {

/// The options that every command takes.
struct GlobalOptions {
    std::optional<std::string> config_file;
    std::optional<std::string> profile; // by -p or as the positional PROFILE
    std::optional<std::string> database;
    std::optional<std::string> confirm;
    std::optional<std::chrono::seconds> wait;
    std::optional<int> connect_timeout; // seconds
    bool dry_run = false;
    bool json = false;
    Verbosity verbosity = Verbosity::normal;
    ColorMode color = ColorMode::automatic;
};

/// ` -d scratch --config shop.toml`: what chose this command's target besides the profile, as one
/// would type it to mean the same once more; mostly empty.
std::string choice_text(const GlobalOptions& options);

/// `crudctl doctor prod`, with the target as it was named for this command: where a connection that
/// failed is looked into.
std::string doctor_text(const GlobalOptions& options);

/// What a command works with.
struct Context {
    const std::string& command;
    CommandClass command_class; // of this very action
    const GlobalOptions& options;
    const config::Settings& settings;
    Console& console;
    ProcessRunner& processes;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
    /// Where nothing is thrown: a program's that ran in our place.
    ExitCode exit_code = ExitCode::done;
    /// The digests of what a person has agreed to in this very run.
    std::set<std::string> trusted = {};

    std::chrono::duration<double> elapsed() const
    {
        return std::chrono::steady_clock::now() - started;
    }
};

/// What the command line asks for: parsed, nothing done yet.
struct Invocation {
    std::string command;
    GlobalOptions options;
    std::vector<std::string> rest; // what follows `--`
    std::optional<std::string> positional_profile;
    /// What this action may do, where that is not the command's worst.
    std::optional<CommandClass> action_class = {};
    std::function<void(Context&)> run;
    /// Told where the settings cannot be read, so that `run` is never called; may be empty.
    std::function<void(const Environment&, const Error&)> print_not_run;
};

} // namespace crudctl::commands
