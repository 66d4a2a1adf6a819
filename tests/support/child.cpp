#include "support/child.hpp"

#include "support/canary.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crudctl::tests {

namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts, std::size_t first,
                               std::size_t count)
{
    std::vector<char*> pointers;
    for (std::size_t i = first; i < first + count; ++i) {
        pointers.push_back(texts[i].data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

ProgramStart at_home(ProgramStart start, const std::filesystem::path& home)
{
    if (!start.environment.value("HOME")) {
        start.environment.set("HOME", home.string());
    }
    if (start.folder.empty()) {
        start.folder = home;
    }
    return start;
}

ExecImage::ExecImage(const ProgramStart& start)
    : m_program(start.program.string()), m_folder(start.folder.string())
{
    m_texts.push_back(start.program.filename().string());
    m_texts.insert(m_texts.end(), start.arguments.begin(), start.arguments.end());
    const std::size_t argument_count = m_texts.size();
    for (const auto& [name, value] : start.environment.variables()) {
        m_texts.push_back(name + "=" + value);
    }
    m_argv = pointers_to(m_texts, 0, argument_count);
    m_environment = pointers_to(m_texts, argument_count, m_texts.size() - argument_count);
}

void ExecImage::become() const
{
    for (int number = 1; number < NSIG; ++number) {
        ::signal(number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::chdir(m_folder.c_str()) == 0) {
        ::execve(m_program.c_str(), m_argv.data(), m_environment.data());
    }
    ::_exit(127);
}

Child::Child(pid_t id, const ProgramStart& start)
    : m_id(id), m_start(start), m_deadline(std::chrono::steady_clock::now() + start.time_limit)
{
    if (id < 0) {
        throw std::runtime_error("cannot start a child");
    }
}

Child::~Child()
{
    ::kill(-m_id, SIGKILL);
    if (m_is_running) {
        ::kill(m_id, SIGKILL); // before its setsid() it leads no group yet
        ::waitpid(m_id, nullptr, 0);
    }
}

void Child::signal(int number) const
{
    ::kill(m_id, number);
}

bool Child::is_running()
{
    int status = 0;
    if (m_is_running && ::waitpid(m_id, &status, WNOHANG) == m_id) {
        m_is_running = false;
        m_exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    return m_is_running;
}

std::optional<std::size_t> Child::peak_bytes() const
{
    constexpr std::string_view label = "VmHWM:"; // in kilobytes
    std::ifstream file(fmt::format("/proc/{}/status", m_id));
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(label)) {
            return std::stoul(line.substr(label.size())) << 10U;
        }
    }
    return std::nullopt;
}

void Child::watch(std::string_view doing, std::string_view shown) const
{
    if (std::chrono::steady_clock::now() > m_deadline) {
        throw std::runtime_error(fmt::format("{}: {} took more than {} s; it showed:\n{}", name(),
                                             doing, m_start.time_limit.count(), shown));
    }
    if (const std::string command = leaking_command(m_id); !command.empty() && command != name()) {
        throw std::runtime_error(
            fmt::format("{}: a secret is in a command line: {}", name(), command));
    }
}

void Child::forbid_secrets(std::string_view text, std::string_view where) const
{
    bool shows = shows_canary(text);
    for (const std::string& secret : m_start.secrets) {
        shows = shows || text.find(secret) != std::string_view::npos;
    }
    if (shows && !m_start.may_show_secrets) {
        throw std::runtime_error(fmt::format("{}: a secret is in {}:\n{}", name(), where, text));
    }
}

std::string Child::name() const
{
    std::string line = m_start.program.filename().string();
    for (const std::string& argument : m_start.arguments) {
        line += ' ' + argument;
    }
    return line;
}

bool read_available(const Descriptor& descriptor, std::string& text)
{
    std::array<char, 16384> buffer{};
    for (;;) {
        const ssize_t count = ::read(descriptor.number(), buffer.data(), buffer.size());
        if (count > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(count));
        } else if (count < 0 && errno == EINTR) {
            continue;
        } else {
            return count < 0 && errno == EAGAIN;
        }
    }
}

} // namespace crudctl::tests
