#pragma once

#include "support/process/environment.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace crudctl {

/// An account that a child runs under instead of ours.
struct Account {
    std::string name; // empty where the passwd database does not know it
    uid_t user = 0;
    gid_t group = 0;
};

/// A program to run: never through a shell. argv is world-readable, so no secret goes in there.
struct ProgramCall {
    std::vector<std::string> argv;   // argv[0] is looked up in PATH where it has no slash
    Environment environment;         // the whole of it
    std::filesystem::path directory; // empty: ours
    std::optional<Account> account;  // empty: ours; only root may name one
    std::filesystem::path log;       // stdout and stderr appended there; empty: captured
    /// Given each piece of stdout and stderr as it comes, instead of capturing it; may be empty.
    std::function<void(std::string_view piece)> on_output = {};
};

struct ProgramResult {
    int exit_code = 0; // 128 + signal where a signal ended it
    std::string out;
    std::string err;
    bool succeeded() const noexcept { return exit_code == 0; }
};

/// Runs programs; tests put another one in its place.
class ProcessRunner {
public:
    ProcessRunner() = default;
    virtual ~ProcessRunner() = default;
    ProcessRunner(const ProcessRunner&) = delete;
    ProcessRunner& operator=(const ProcessRunner&) = delete;

    /// The program's full path by the PATH of `environment`, or nothing.
    virtual std::optional<std::filesystem::path> find(const std::string& program,
                                                      const Environment& environment) const;

    /// Runs it to its end, stdin empty. Throws Error(external) where it cannot be started, and
    /// Error(interrupted|terminated) when a signal comes meanwhile (the child is ended).
    virtual ProgramResult run(const ProgramCall& call);

    /// Starts it in a session of its own, so that it outlives us; gives its process id.
    virtual pid_t start_detached(const ProgramCall& call);

    /// The exit code of a program that start_detached() started, once it has ended; later, nothing.
    virtual std::optional<int> ended(pid_t program);

    /// Leaves the terminal to it until it ends, and gives its exit code: our standard streams are
    /// its own, and so are the descriptors that stay open through exec. What is typed at it, Ctrl-C
    /// too, is its alone; SIGTERM and SIGHUP are passed on. Throws Error(external) where it cannot
    /// be started.
    virtual int attend(const ProgramCall& call);
};

} // namespace crudctl
