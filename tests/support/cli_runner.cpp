#include "support/cli_runner.hpp"

#include "support/child.hpp"
#include "support/hint_check.hpp"
#include "support/paths.hpp"
#include "support/temp_folder.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace crudctl::tests {

namespace {

using Clock = std::chrono::steady_clock;

/// What passes through from our own environment: where programs are, and how a sanitizer reports.
constexpr std::array passed_through = {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"};

Environment clean_environment()
{
    Environment environment;
    environment.set("LANG", "C.UTF-8");
    for (const char* name : passed_through) {
        if (const char* value = std::getenv(name)) {
            environment.set(name, value);
        }
    }
    return environment;
}

/// Both ends stay with us at first; ours never blocks, so that no child can make a test wait.
struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("cannot make a pipe");
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void never_block(const Descriptor& descriptor)
{
    ::fcntl(descriptor.number(), F_SETFL, O_NONBLOCK);
}

/// The three standard streams of a child, as pipes.
struct Streams {
    Pipe in = make_pipe();
    Pipe out = make_pipe();
    Pipe err = make_pipe();

    void take_in_child(bool with_input) const
    {
        ::dup2(in.read_end.number(), STDIN_FILENO);
        ::dup2(out.write_end.number(), STDOUT_FILENO);
        ::dup2(err.write_end.number(), STDERR_FILENO);
        if (!with_input) {
            ::close(STDIN_FILENO);
        }
    }

    void keep_our_ends()
    {
        in.read_end.close();
        out.write_end.close();
        err.write_end.close();
        never_block(in.write_end);
        never_block(out.read_end);
        never_block(err.read_end);
    }

    /// Sends what fits of the rest of the input; the end of it closes the stream.
    void send(std::string& rest)
    {
        if (!in.write_end) {
            return;
        }
        const ssize_t count = ::write(in.write_end.number(), rest.data(), rest.size());
        if (count > 0) {
            rest.erase(0, static_cast<std::size_t>(count));
        }
        const bool nobody_reads = count < 0 && errno != EAGAIN && errno != EINTR;
        if (rest.empty() || nobody_reads) {
            in.write_end.close();
        }
    }

    /// Takes what came; false once both streams are closed at the other end.
    bool receive(CliResult& result)
    {
        std::array<pollfd, 2> waits = {pollfd{out.read_end.number(), POLLIN, 0},
                                       pollfd{err.read_end.number(), POLLIN, 0}};
        ::poll(waits.data(), waits.size(), static_cast<int>(watch_interval.count()));
        if (out.read_end && !read_available(out.read_end, result.out)) {
            out.read_end.close();
        }
        if (err.read_end && !read_available(err.read_end, result.err)) {
            err.read_end.close();
        }
        return out.read_end || err.read_end;
    }
};

/// In its own session, so that it has no terminal to ask behind our back.
pid_t start_child(const ProgramStart& start, const Streams& streams, bool with_input)
{
    const ExecImage image(start);
    const pid_t id = ::fork();
    if (id == 0) {
        ::setsid();
        streams.take_in_child(with_input);
        image.become();
    }
    return id;
}

} // namespace

CliCall::CliCall(std::vector<std::string> arguments)
{
    m_start.program = crudctl_binary();
    m_start.arguments = std::move(arguments);
    m_start.environment = clean_environment();
}

CliCall& CliCall::with_program(std::filesystem::path program)
{
    m_start.program = std::move(program);
    return *this;
}

CliCall& CliCall::with_variable(std::string name, std::string value)
{
    m_start.environment.set(std::move(name), std::move(value));
    return *this;
}

CliCall& CliCall::with_programs_from(const std::filesystem::path& folder)
{
    const std::string rest = m_start.environment.value("PATH").value_or("/usr/bin:/bin");
    return with_variable("PATH", folder.string() + ":" + rest);
}

CliCall& CliCall::in_folder(std::filesystem::path folder)
{
    m_start.folder = std::move(folder);
    return *this;
}

CliCall& CliCall::with_input(std::string text)
{
    m_input = std::move(text);
    return *this;
}

CliCall& CliCall::with_closed_input()
{
    m_input.reset();
    return *this;
}

CliCall& CliCall::with_signal(int signal, std::string when_stderr_shows,
                              std::chrono::milliseconds later)
{
    m_signals.push_back({signal, std::move(when_stderr_shows), later});
    return *this;
}

CliCall& CliCall::when_started(std::function<void(pid_t)> tell)
{
    m_when_started = std::move(tell);
    return *this;
}

CliCall& CliCall::with_time_limit(std::chrono::seconds limit)
{
    m_start.time_limit = limit;
    return *this;
}

CliCall& CliCall::with_secret(std::string secret)
{
    m_start.secrets.push_back(std::move(secret));
    return *this;
}

CliCall& CliCall::that_may_show_secrets()
{
    m_start.may_show_secrets = true;
    return *this;
}

TerminalCall CliCall::with_terminal(unsigned short columns, unsigned short lines) const
{
    return {m_start, columns, lines};
}

CliResult CliCall::result() const
{
    const TempFolder home;
    const ProgramStart start = at_home(m_start, home.path());
    ::signal(SIGPIPE, SIG_IGN); // who doesn't read its input is no reason to end
    Streams streams;
    const pid_t id = start_child(start, streams, m_input.has_value());
    Child child(id, start);
    if (m_when_started) {
        m_when_started(id);
    }
    streams.keep_our_ends();

    CliResult result;
    std::string input = m_input.value_or("");
    auto next_signal = m_signals.begin();
    std::optional<Clock::time_point> shown; // when stderr first showed what that one waits for
    bool is_open = true;
    while (is_open || child.is_running()) {
        streams.send(input);
        is_open = streams.receive(result);
        result.peak_bytes = child.peak_bytes().value_or(result.peak_bytes);
        if (next_signal != m_signals.end() &&
            result.err.find(next_signal->when_stderr_shows) != std::string::npos) {
            shown = shown.value_or(Clock::now());
            if (Clock::now() - *shown >= next_signal->later) {
                child.signal(next_signal->number);
                ++next_signal;
                shown.reset();
            }
        }
        child.watch(child.is_running() ? "the run" : "another process that holds its output open",
                    result.out + result.err);
    }
    result.exit_code = child.exit_code();
    child.forbid_secrets(result.out, "stdout");
    child.forbid_secrets(result.err, "stderr");
    if (start.program == crudctl_binary()) {
        require_possible_hints(start.arguments, result.err);
    }
    return result;
}

CliCall run_crudctl(std::vector<std::string> arguments)
{
    return CliCall(std::move(arguments));
}

} // namespace crudctl::tests
