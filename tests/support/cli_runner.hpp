#pragma once

#include "support/process/environment.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace crudctl::tests {

/// False under a sanitizer, which needs memory of its own besides.
#ifdef __SANITIZE_ADDRESS__
constexpr bool peak_is_ours = false;
#else
constexpr bool peak_is_ours = true;
#endif

struct CliResult {
    int exit_code = 0; // 128 + signal where a signal ended it
    std::string out;
    std::string err;
    std::size_t peak_bytes = 0; // that it held in memory, as last seen while it ran
};

struct TerminalResult {
    int exit_code = 0;
    std::string screen; // everything that was shown, escape sequences included
};

/// What a program is started with, whichever way it is then spoken to.
struct ProgramStart {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    Environment environment;
    std::filesystem::path folder;     // empty: a new one that is deleted afterwards
    std::vector<std::string> secrets; // may show nowhere, as the canary
    bool may_show_secrets = false;
    std::chrono::seconds time_limit{60};
};

class TerminalCall;
class TerminalSession;

/// The built crudctl, about to be run as another program would run it: through pipes, with nothing
/// of our environment but PATH, in a home folder of its own.
///
///     const auto result = run_crudctl({"drop", "prod"}).with_input("n\n").result();
class CliCall {
public:
    explicit CliCall(std::vector<std::string> arguments);

    /// Another program instead, by its full path.
    CliCall& with_program(std::filesystem::path program);
    CliCall& with_variable(std::string name, std::string value);
    /// Looked up before everything else in PATH: a FakeBin's folder.
    CliCall& with_programs_from(const std::filesystem::path& folder);
    CliCall& in_folder(std::filesystem::path folder);
    /// Without it stdin is empty.
    CliCall& with_input(std::string text);
    /// No stdin at all, as `<&-` in a shell.
    CliCall& with_closed_input();
    /// A signal to the program alone, once stderr shows this text and so much time has passed
    /// since; several are sent in their order.
    CliCall& with_signal(int signal, std::string when_stderr_shows,
                         std::chrono::milliseconds later = std::chrono::milliseconds(0));
    /// Told its process id as soon as it runs.
    CliCall& when_started(std::function<void(pid_t)> tell);
    /// After this long it is killed, and result() throws.
    CliCall& with_time_limit(std::chrono::seconds limit);
    /// One more text that may show nowhere, as the canary.
    CliCall& with_secret(std::string secret);
    /// For the one command that is asked for a secret.
    CliCall& that_may_show_secrets();

    /// The same on a terminal of this size.
    TerminalCall with_terminal(unsigned short columns = 80, unsigned short lines = 24) const;

    /// Runs it to its end. Throws std::runtime_error where it takes too long, where another process
    /// still holds stdout or stderr afterwards, where a secret shows (in stdout, in stderr, or in
    /// the command line of a child), and where a hint names what crudctl doesn't have.
    CliResult result() const;

private:
    struct Signal {
        int number = 0;
        std::string when_stderr_shows;
        std::chrono::milliseconds later;
    };

    ProgramStart m_start;
    std::optional<std::string> m_input = std::string(); // nothing: closed
    std::vector<Signal> m_signals;
    std::function<void(pid_t)> m_when_started;
};

/// The same through a real pseudo-terminal, with a dialogue.
///
///     run_crudctl({"drop", "prod"}).with_terminal().expect("Type
///     cruddur@prod").type("no\n").result()
class TerminalCall {
public:
    TerminalCall(ProgramStart start, unsigned short columns, unsigned short lines);

    /// Waits until the terminal shows this text, after what the last expect() found.
    TerminalCall& expect(std::string text);
    /// Types it; "\x03" is Ctrl-C, "\x04" is Ctrl-D, "\x1a" is Ctrl-Z.
    TerminalCall& type(std::string keys);
    /// A signal to the program alone.
    TerminalCall& signal(int number);

    /// Runs dialogue and program to their end. Throws std::runtime_error where an expected text
    /// doesn't come, and for what CliCall::result() throws.
    TerminalResult result() const;

private:
    ProgramStart m_start;
    unsigned short m_columns;
    unsigned short m_lines;
    std::vector<std::function<void(TerminalSession&)>> m_dialogue;
};

/// The built crudctl with these arguments.
CliCall run_crudctl(std::vector<std::string> arguments);

} // namespace crudctl::tests
