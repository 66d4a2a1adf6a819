#include "support/system/line_log.hpp"

#include "support/system/file.hpp"

#include <cerrno>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace crudctl {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_read = 64U << 20U; // if others wrote to it
constexpr std::chrono::milliseconds between_tries{10};

[[noreturn]] void refuse(const fs::path& path, const std::string& reason)
{
    throw Error(ExitCode::failed, fmt::format("cannot write \"{}\": {}", path.string(), reason));
}

fs::path older(const fs::path& path)
{
    return path.string() + ".1";
}

struct stat facts_of(const Descriptor& file, const fs::path& path)
{
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0) {
        refuse(path, error_text(errno));
    }
    return facts;
}

Descriptor open_file(const fs::path& path)
{
    // O_NONBLOCK: a FIFO in its place must not hang.
    Descriptor file(
        ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600));
    if (!file) {
        refuse(path, error_text(errno));
    }
    if (!S_ISREG(facts_of(file, path).st_mode)) {
        refuse(path, "it is not a regular file");
    }
    return file;
}

/// A file system that knows no locks is no reason to stop: O_APPEND alone does nearly as well.
void lock(const Descriptor& file, const fs::path& path, std::chrono::milliseconds timeout)
{
    const auto deadline = Clock::now() + timeout;
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return;
        }
        if (Clock::now() > deadline) {
            refuse(path, "another process has it locked");
        }
        std::this_thread::sleep_for(between_tries);
    }
}

/// False where somebody moved it away between open and lock.
bool is_still_at(const fs::path& path, const struct stat& facts)
{
    struct stat there {};
    return ::stat(path.c_str(), &there) == 0 && there.st_ino == facts.st_ino &&
           there.st_dev == facts.st_dev;
}

bool ends_unfinished(const Descriptor& file, off_t size)
{
    char last = '\n';
    return size > 0 && ::pread(file.number(), &last, 1, size - 1) == 1 && last != '\n';
}

/// The locked file, with room for another line.
Descriptor open_for_append(const fs::path& path, const LineLog::Limits& limits)
{
    for (;;) {
        Descriptor file = open_file(path);
        lock(file, path, limits.timeout);
        const struct stat facts = facts_of(file, path);
        if (!is_still_at(path, facts)) {
            continue;
        }
        if (static_cast<std::size_t>(facts.st_size) < limits.bytes) {
            return file;
        }
        rename_path(path, older(path));
    }
}

void add_lines(const fs::path& path, std::vector<std::string>& lines)
{
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 && errno == ENOENT) {
        return; // anything else is no absence: reading it says what is wrong
    }
    const std::string text = read_file(path, largest_read).text;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
}

} // namespace

LineLog::LineLog(fs::path path, Limits limits) : m_path(std::move(path)), m_limits(limits) {}

void LineLog::append(std::string_view line) const
{
    make_folders(m_path.parent_path(), 0700);
    const Descriptor file = open_for_append(m_path, m_limits);
    const off_t size = facts_of(file, m_path).st_size;
    // One write, so that a reader, and a writer without locks, finds it whole or not at all.
    std::string text = ends_unfinished(file, size) ? "\n" : "";
    text.append(line) += '\n';
    const ssize_t written = ::write(file.number(), text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) {
        return;
    }
    const std::string reason = written < 0 ? error_text(errno) : "the disk is full";
    if (written > 0 && ::ftruncate(file.number(), size) != 0) {
        refuse(m_path, reason + ", and half a line stays in it");
    }
    refuse(m_path, reason);
}

std::vector<std::string> LineLog::lines() const
{
    std::vector<std::string> lines;
    add_lines(older(m_path), lines);
    add_lines(m_path, lines);
    return lines;
}

} // namespace crudctl
