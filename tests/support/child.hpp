#pragma once

#include "support/cli_runner.hpp"
#include "support/system/file.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace crudctl::tests {

/// The start with what a test left open: this folder as HOME, and as the one to run in.
ProgramStart at_home(ProgramStart start, const std::filesystem::path& home);

/// Everything exec() needs, made before fork(): between the two nothing may be allocated.
class ExecImage {
public:
    explicit ExecImage(const ProgramStart& start);

    /// In the child: becomes the program, or ends with 127.
    [[noreturn]] void become() const;

private:
    std::string m_program;
    std::string m_folder;
    std::vector<std::string> m_texts;
    std::vector<char*> m_argv;
    std::vector<char*> m_environment;
};

/// A running child that leads a session of its own; at the end of life whatever is left of its
/// process group is killed.
class Child {
public:
    /// Takes over a process; `start` must outlive it.
    Child(pid_t id, const ProgramStart& start);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void signal(int number) const;
    /// True while it runs; then exit_code() is known.
    bool is_running();
    int exit_code() const noexcept { return m_exit_code; }
    /// The most memory that it has held so far; nothing once it has ended. (What wait4() tells
    /// counts our own as well, as it was when the child began as a copy of us.)
    std::optional<std::size_t> peak_bytes() const;

    /// To be called again and again while waiting: throws std::runtime_error once the time is up
    /// (naming what it waited for, with `shown`), or a command line below the child shows a secret.
    void watch(std::string_view doing, std::string_view shown) const;
    /// Throws where the text shows a secret.
    void forbid_secrets(std::string_view text, std::string_view where) const;

private:
    std::string name() const;

    pid_t m_id;
    const ProgramStart& m_start;
    std::chrono::steady_clock::time_point m_deadline;
    bool m_is_running = true;
    int m_exit_code = 0;
};

/// How long a wait for a child's output lasts before the child is looked at again.
constexpr std::chrono::milliseconds watch_interval{10};

/// Appends what can be read without waiting; false once there will be no more.
bool read_available(const Descriptor& descriptor, std::string& text);

} // namespace crudctl::tests
