#include "support/file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl {

namespace {

[[noreturn]] void refuse_read(const std::filesystem::path& path, const std::string& reason)
{
    throw Error(ExitCode::configuration,
                fmt::format("cannot read \"{}\": {}", path.string(), reason));
}

[[noreturn]] void refuse_write(const std::filesystem::path& path, int errno_value)
{
    throw Error(ExitCode::failed,
                fmt::format("cannot write \"{}\": {}", path.string(), error_text(errno_value)));
}

void write_all(int descriptor, std::string_view text, const std::filesystem::path& path)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            refuse_write(path, errno);
        }
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
}

} // namespace

FileContent read_file(const std::filesystem::path& path, std::size_t max_bytes)
{
    // O_NONBLOCK: opening a FIFO that nobody writes to must not hang.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!file || ::fstat(file.number(), &facts) != 0) {
        refuse_read(path, error_text(errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        refuse_read(path, "it is a directory");
    }
    if (!S_ISREG(facts.st_mode)) {
        refuse_read(path, "it is not a regular file");
    }
    FileContent content{{}, {facts.st_uid, facts.st_mode & 07777U}};
    char buffer[65536];
    for (;;) {
        const ssize_t count = ::read(file.number(), buffer, sizeof buffer);
        if (count == 0) {
            return content;
        }
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            refuse_read(path, error_text(errno));
        }
        content.text.append(buffer, static_cast<std::size_t>(count));
        if (content.text.size() > max_bytes) {
            refuse_read(path, fmt::format("it is larger than {} bytes", max_bytes));
        }
    }
}

void write_file(const std::filesystem::path& path, std::string_view text, mode_t mode)
{
    std::string temporary = path.string() + ".XXXXXX";
    Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!file) {
        refuse_write(path, errno);
    }
    try {
        write_all(file.number(), text, path);
        if (::fchmod(file.number(), mode) != 0 || ::fsync(file.number()) != 0 ||
            ::rename(temporary.c_str(), path.c_str()) != 0) {
            refuse_write(path, errno);
        }
    } catch (const Error&) {
        ::unlink(temporary.c_str());
        throw;
    }
}

bool is_there(const std::filesystem::path& path) noexcept
{
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0;
}

void rename_path(const std::filesystem::path& from, const std::filesystem::path& to)
{
    if (::rename(from.c_str(), to.c_str()) != 0) {
        throw Error(ExitCode::failed, fmt::format("cannot rename \"{}\" to \"{}\": {}",
                                                  from.string(), to.string(), error_text(errno)));
    }
}

void remove_path(const std::filesystem::path& path)
{
    std::error_code failure;
    std::filesystem::remove_all(path, failure);
    if (failure) {
        throw Error(ExitCode::failed,
                    fmt::format("cannot delete \"{}\": {}", path.string(), failure.message()));
    }
}

Descriptor::~Descriptor()
{
    close();
}

Descriptor::Descriptor(Descriptor&& other) noexcept : m_number(std::exchange(other.m_number, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept
{
    if (this != &other) {
        close();
        m_number = std::exchange(other.m_number, -1);
    }
    return *this;
}

void Descriptor::close() noexcept
{
    if (m_number >= 0) {
        ::close(std::exchange(m_number, -1));
    }
}

void occupy_closed_streams() noexcept
{
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(number, F_GETFD) < 0) {
            // The lowest free number is handed out, and those below are taken.
            ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

std::string error_text(int errno_value)
{
    // strerror() would follow LC_MESSAGES; nothing in crudctl calls setlocale(), so it is English.
    return std::strerror(errno_value);
}

} // namespace crudctl
