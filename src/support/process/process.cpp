#include "support/process/process.hpp"

#include "support/error.hpp"
#include "support/process/interrupt.hpp"
#include "support/process/signal_relay.hpp"
#include "support/system/file.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crudctl {

namespace {

constexpr int exec_failed = 127;

/// char* arrays for exec: the strings must outlive it.
class ExecArguments {
public:
    explicit ExecArguments(const ProgramCall& call)
    {
        for (const std::string& argument : call.argv) {
            m_argv.push_back(const_cast<char*>(argument.c_str()));
        }
        m_argv.push_back(nullptr);
        for (const auto& [name, value] : call.environment.variables()) {
            m_lines.push_back(name + "=" + value);
        }
        for (std::string& line : m_lines) {
            m_environment.push_back(line.data());
        }
        m_environment.push_back(nullptr);
    }

    char* const* argv() { return m_argv.data(); }
    char* const* environment() { return m_environment.data(); }

private:
    std::vector<std::string> m_lines;
    std::vector<char*> m_argv;
    std::vector<char*> m_environment;
};

constexpr int output_pause = 100; // ms without output, behind a program's end

struct Pipe {
    Descriptor read_end;
    Descriptor write_end;
};

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw Error(ExitCode::external, "cannot make a pipe: " + error_text(errno));
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// In the child: whose name it runs under. Groups first, since they need root's right.
bool become(const std::optional<Account>& account)
{
    if (!account) {
        return true;
    }
    const bool has_groups = account->name.empty()
                                ? ::setgroups(0, nullptr) == 0
                                : ::initgroups(account->name.c_str(), account->group) == 0;
    return has_groups && ::setgid(account->group) == 0 && ::setuid(account->user) == 0;
}

/// In the child: from here on only what is safe after fork(), then exec or _exit().
[[noreturn]] void run_child(const ProgramCall& call, const std::string& program,
                            ExecArguments& arguments, int out, int err)
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        if (::signal(number, SIG_DFL) == SIG_IGN) {
            ::signal(number, SIG_IGN); // as whoever started us wanted it
        }
    }
    ::signal(SIGPIPE, SIG_DFL);
    if (call.on_output) { // to be ended with all that it starts
        ::setpgid(0, 0);
    }
    const int empty_input = ::open("/dev/null", O_RDONLY);
    ::dup2(empty_input, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    if (become(call.account) && (call.directory.empty() || ::chdir(call.directory.c_str()) == 0)) {
        ::execve(program.c_str(), arguments.argv(), arguments.environment());
    }
    ::_exit(exec_failed);
}

int exit_code_of(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int wait_for(pid_t child)
{
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return exit_code_of(status);
}

/// Appends what can be read; false at end of file.
bool drain(int descriptor, std::string& text)
{
    char buffer[16384];
    const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count > 0) {
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && errno == EINTR);
}

/// Hands on what was read.
void pass_on(const ProgramCall& call, std::string& text)
{
    if (call.on_output && !text.empty()) {
        call.on_output(text);
        text.clear();
    }
}

bool has_ended(pid_t child)
{
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child;
}

/// Asks it to end, and what it started in its group; makes it end where it doesn't in time.
void end(const ProgramCall& call, pid_t child)
{
    constexpr int patience = 50; // times a tenth of a second
    const pid_t whom = call.on_output ? -child : child;
    ::kill(whom, SIGTERM);
    for (int i = 0; i < patience && !has_ended(child); ++i) {
        ::poll(nullptr, 0, output_pause);
    }
    if (!has_ended(child)) {
        ::kill(whom, SIGKILL);
    }
    wait_for(child);
}

/// Reads both pipes until both are closed, or the child has ended and says no more: what it leaves
/// running in the background may hold them for ever. Ends the child when a signal comes.
void collect(const ProgramCall& call, Pipe& out, Pipe& err, ProgramResult& result, pid_t child)
{
    while (out.read_end || err.read_end) {
        std::array<pollfd, 3> waits = {pollfd{out.read_end.number(), POLLIN, 0},
                                       pollfd{err.read_end.number(), POLLIN, 0},
                                       pollfd{interrupt::descriptor(), POLLIN, 0}};
        const int ready = ::poll(waits.data(), waits.size(), output_pause);
        if (ready == 0 && has_ended(child)) {
            return;
        }
        if (ready < 0) {
            continue; // EINTR: the pipe of the signal is readable now
        }
        if (waits[0].revents != 0 && !drain(out.read_end.number(), result.out)) {
            out.read_end.close();
        }
        if (waits[1].revents != 0 && !drain(err.read_end.number(), result.err)) {
            err.read_end.close();
        }
        pass_on(call, result.out);
        pass_on(call, result.err);
        if (interrupt::pending()) {
            end(call, child);
            interrupt::throw_if_pending();
        }
    }
}

std::filesystem::path found_or_throw(const ProcessRunner& runner, const ProgramCall& call)
{
    if (const auto program = runner.find(call.argv.front(), call.environment)) {
        return *program;
    }
    throw Error(ExitCode::external,
                fmt::format("cannot find the program \"{}\"", call.argv.front()));
}

Descriptor open_log(const ProgramCall& call)
{
    Descriptor log(::open(call.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!log) {
        throw Error(ExitCode::external, fmt::format("cannot write the log \"{}\": {}",
                                                    call.log.string(), error_text(errno)));
    }
    return log;
}

pid_t fork_or_throw()
{
    const pid_t child = ::fork();
    if (child < 0) {
        throw Error(ExitCode::external, "cannot start a process: " + error_text(errno));
    }
    return child;
}

bool is_executable_file(const std::filesystem::path& path)
{
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
           ::access(path.c_str(), X_OK) == 0;
}

} // namespace

std::optional<std::filesystem::path> ProcessRunner::find(const std::string& program,
                                                         const Environment& environment) const
{
    if (program.find('/') != std::string::npos) {
        return is_executable_file(program) ? std::optional<std::filesystem::path>(program)
                                           : std::nullopt;
    }
    const std::string path = environment.value("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        const std::filesystem::path candidate = std::filesystem::path(folder) / program;
        if (candidate.is_absolute() && is_executable_file(candidate)) {
            return candidate;
        }
    }
    return std::nullopt;
}

ProgramResult ProcessRunner::run(const ProgramCall& call)
{
    const std::string program = found_or_throw(*this, call).string();
    ExecArguments arguments(call);
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    const pid_t child = fork_or_throw();
    if (child == 0) {
        run_child(call, program, arguments, out.write_end.number(), err.write_end.number());
    }
    if (call.on_output) { // whichever of the two is first
        ::setpgid(child, child);
    }
    out.write_end.close();
    err.write_end.close();
    ProgramResult result;
    collect(call, out, err, result, child);
    result.exit_code = wait_for(child);
    return result;
}

pid_t ProcessRunner::start_detached(const ProgramCall& call)
{
    const std::string program = found_or_throw(*this, call).string();
    ExecArguments arguments(call);
    const Descriptor log = open_log(call);
    const pid_t child = fork_or_throw();
    if (child == 0) {
        ::setsid();
        run_child(call, program, arguments, log.number(), log.number());
    }
    return child;
}

std::optional<int> ProcessRunner::ended(pid_t program)
{
    int status = 0;
    return ::waitpid(program, &status, WNOHANG) == program
               ? std::optional<int>(exit_code_of(status))
               : std::nullopt;
}

int ProcessRunner::attend(const ProgramCall& call)
{
    const std::string program = found_or_throw(*this, call).string();
    ExecArguments arguments(call);
    const SignalRelay relay;
    const pid_t child = fork_or_throw();
    if (child == 0) {
        relay.release_child();
        ::signal(SIGPIPE, SIG_DFL); // an ignored signal stays ignored through exec
        ::execve(program.c_str(), arguments.argv(), arguments.environment());
        ::_exit(exec_failed);
    }
    relay.wait_for(child);
    return wait_for(child);
}

} // namespace crudctl
