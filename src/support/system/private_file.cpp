#include "support/system/private_file.hpp"

#include "support/process/interrupt.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace crudctl {

namespace {

constexpr const char* standard_input = "-";

fs::path temporary_folder()
{
    const char* chosen = std::getenv("TMPDIR");
    return chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
}

/// Some file systems have no files without a name.
Descriptor unnamed_file(const fs::path& folder)
{
    constexpr mode_t mine = 0600;
    Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, mine));
    if (!file) {
        std::string name = folder / "crudctl-XXXXXX";
        file = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
        if (file) {
            ::unlink(name.c_str());
        }
    }
    return file;
}

Descriptor opened_stream(const fs::path& path)
{
    Descriptor stream(path == standard_input
                          ? ::dup(STDIN_FILENO)
                          : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!stream) {
        throw Error(ExitCode::configuration,
                    fmt::format("cannot read \"{}\": {}", path.string(), error_text(errno)));
    }
    if (::isatty(stream.number()) == 1) {
        throw Error(ExitCode::usage,
                    fmt::format("\"{}\" is a terminal here, and no file", path.string()),
                    "give it a file's name, or send it a file through a pipe");
    }
    return stream;
}

/// Returns when there is something to read, or its end. A FIFO's end comes after its first writer.
void wait_for_input(int stream)
{
    std::array<pollfd, 2> waits = {{{stream, POLLIN, 0}, {interrupt::descriptor(), POLLIN, 0}}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
        interrupt::throw_if_pending();
    }
    interrupt::throw_if_pending();
}

} // namespace

PrivateFile::PrivateFile() : m_folder(temporary_folder()), m_file(unnamed_file(m_folder))
{
    if (!m_file) {
        throw Error(ExitCode::failed,
                    fmt::format("cannot make a temporary file in \"{}\": {}", m_folder.string(),
                                error_text(errno)),
                    "set TMPDIR to a folder that you may write to");
    }
}

void PrivateFile::append(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(m_file.number(), text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            throw Error(ExitCode::failed,
                        fmt::format("cannot write a temporary file in \"{}\": {}",
                                    m_folder.string(), error_text(errno)),
                        "set TMPDIR to a folder on a disk with more room");
        }
        text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

InputFile PrivateFile::to_input(fs::path path) &&
{
    return {std::move(path), std::move(m_file)};
}

InputFile read_stream(const fs::path& path)
{
    const Descriptor stream = opened_stream(path);
    PrivateFile file;
    std::array<char, 65536> buffer;
    for (;;) {
        wait_for_input(stream.number());
        const ssize_t count = ::read(stream.number(), buffer.data(), buffer.size());
        if (count == 0) {
            return std::move(file).to_input(path);
        }
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            throw Error(ExitCode::configuration,
                        fmt::format("cannot read \"{}\": {}", path.string(), error_text(errno)));
        }
        file.append({buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
    }
}

bool is_stream(const fs::path& path)
{
    struct stat facts {};
    return path == standard_input || (::stat(path.c_str(), &facts) == 0 &&
                                      !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode));
}

} // namespace crudctl
