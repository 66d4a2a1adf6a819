#include "bench/timed_program.hpp"

#include "support/child.hpp"
#include "support/system/file.hpp"
#include "support/temp_folder.hpp"
#include "support/text/text.hpp"

#include <cerrno>
#include <chrono>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace crudctl::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kept_of_stderr = 2000;

std::string failure_text(int status, const std::filesystem::path& err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return {};
    }
    const std::string said = read_file(err, std::size_t{1} << 30U).text.substr(0, kept_of_stderr);
    return WIFSIGNALED(status) ? fmt::format("signal {}: {}", WTERMSIG(status), trimmed(said))
                               : fmt::format("exit {}: {}", WEXITSTATUS(status), trimmed(said));
}

} // namespace

Sample time_program(const tests::ProgramStart& start)
{
    const tests::TempFolder home;
    const tests::ProgramStart at_home = tests::at_home(start, home.path());
    const tests::ExecImage image(at_home);
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const std::filesystem::path err_path = home.write("stderr", "");
    const Descriptor err(::open(err_path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const auto started = Clock::now();
    const pid_t child = ::fork();
    if (child < 0) {
        throw std::runtime_error("cannot start a child");
    }
    if (child == 0) {
        ::dup2(nothing.number(), STDIN_FILENO);
        ::dup2(nothing.number(), STDOUT_FILENO);
        ::dup2(err.number(), STDERR_FILENO);
        image.become();
    }
    int status = 0;
    rusage usage{};
    while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {}
    Sample sample;
    sample.seconds = std::chrono::duration<double>(Clock::now() - started).count();
    sample.peak_bytes = static_cast<std::size_t>(usage.ru_maxrss) << 10U;
    sample.failure = failure_text(status, err_path);
    return sample;
}

} // namespace crudctl::bench
