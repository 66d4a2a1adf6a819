#include "support/system/file.hpp"

#include <array>
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

// O_NONBLOCK: opening a FIFO without a writer must not hang.
InputFile::InputFile(const std::filesystem::path& path)
    : InputFile(path, Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)))
{}

InputFile::InputFile(std::filesystem::path path, Descriptor descriptor)
    : m_path(std::move(path)), m_descriptor(std::move(descriptor))
{
    struct stat facts {};
    if (!m_descriptor || ::fstat(m_descriptor.number(), &facts) != 0) {
        refuse_read(m_path, error_text(errno));
    }
    if (S_ISDIR(facts.st_mode)) {
        refuse_read(m_path, "it is a directory");
    }
    if (!S_ISREG(facts.st_mode)) {
        refuse_read(m_path, "it is not a regular file");
    }
    m_facts = {facts.st_uid, facts.st_mode & 07777U};
    m_size = static_cast<std::size_t>(facts.st_size);
    m_modified = facts.st_mtim;
}

std::size_t InputFile::read_at(std::size_t offset, std::span<char> buffer) const
{
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count = ::pread(m_descriptor.number(), buffer.data() + done,
                                      buffer.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno != EINTR) {
            refuse_read(m_path, error_text(errno));
        }
        if (count == 0) {
            break;
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return done;
}

bool InputFile::has_changed() const
{
    struct stat facts {};
    return ::fstat(m_descriptor.number(), &facts) != 0 ||
           static_cast<std::size_t>(facts.st_size) != m_size ||
           facts.st_mtim.tv_sec != m_modified.tv_sec || facts.st_mtim.tv_nsec != m_modified.tv_nsec;
}

FileContent read_file(const std::filesystem::path& path, std::size_t max_bytes)
{
    const InputFile file(path);
    FileContent content{{}, file.facts()};
    std::array<char, 65536> buffer;
    while (const std::size_t count = file.read_at(content.text.size(), buffer)) {
        content.text.append(buffer.data(), count);
        if (content.text.size() > max_bytes) {
            refuse_read(path, fmt::format("it is larger than {} bytes", max_bytes));
        }
    }
    return content;
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

std::string text_if_readable(const std::filesystem::path& path, std::size_t max_bytes)
{
    try {
        return is_there(path) ? read_file(path, max_bytes).text : std::string();
    } catch (const Error&) {
        return {};
    }
}

bool is_there(const std::filesystem::path& path) noexcept
{
    struct stat facts {};
    return ::stat(path.c_str(), &facts) == 0;
}

void make_folders(const std::filesystem::path& folder, mode_t mode, const std::string& hint)
{
    std::error_code ignored;
    if (!folder.has_relative_path() || std::filesystem::is_directory(folder, ignored)) {
        return;
    }
    make_folders(folder.parent_path(), mode, hint);
    const bool was_made = ::mkdir(folder.c_str(), 0700) == 0 && ::chmod(folder.c_str(), mode) == 0;
    const int failure = was_made ? 0 : errno;
    if (failure != 0 && (failure != EEXIST || !std::filesystem::is_directory(folder, ignored))) {
        throw Error(
            ExitCode::failed,
            fmt::format("cannot make the folder \"{}\": {}", folder.string(), error_text(failure)),
            hint);
    }
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
