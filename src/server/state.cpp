#include "server/state.hpp"

#include "server/process_table.hpp"
#include "support/error.hpp"
#include "support/process/interrupt.hpp"

#include <cerrno>
#include <charconv>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace crudctl::server {

namespace {

constexpr std::string_view port_key = "port=";
constexpr std::string_view socket_key = "socket_folder=";

std::optional<State> recorded_state(const Layout& layout)
{
    if (!is_there(layout.state())) {
        return std::nullopt;
    }
    State state;
    std::istringstream lines(read_file(layout.state(), 65536).text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(port_key)) {
            std::from_chars(line.data() + port_key.size(), line.data() + line.size(), state.port);
        } else if (line.starts_with(socket_key)) {
            state.socket_folder = line.substr(socket_key.size());
        }
    }
    return state.port > 0 && state.socket_folder.is_absolute() ? std::optional<State>(state)
                                                               : std::nullopt;
}

} // namespace

std::optional<State> read_state(const Layout& layout)
{
    if (auto state = recorded_state(layout)) {
        return state;
    }
    const auto file = read_pid_file(layout.data());
    if (file && file->port > 0 && file->socket_folder.is_absolute()) {
        return State{file->port, file->socket_folder};
    }
    return std::nullopt;
}

void write_state(const Layout& layout, const State& state)
{
    write_file(layout.state(), fmt::format("{}{}\n{}{}\n", port_key, state.port, socket_key,
                                           state.socket_folder.string()));
}

ServerLock::ServerLock(const Layout& layout, std::chrono::milliseconds timeout)
    : m_path(layout.lock()),
      m_file(::open(layout.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600))
{
    if (!m_file && errno == ENOENT) {
        return; // deleted a moment ago: not current
    }
    if (!m_file) {
        throw Error(ExitCode::failed, fmt::format("cannot write the lock \"{}\": {}",
                                                  m_path.string(), error_text(errno)));
    }
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (::flock(m_file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            throw Error(ExitCode::failed,
                        fmt::format("cannot lock \"{}\": {}", m_path.string(), error_text(errno)));
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            throw Error(ExitCode::busy,
                        fmt::format("another crudctl is starting or stopping the server in \"{}\"",
                                    layout.base.string()),
                        "try again when it is done");
        }
        pause_for(std::chrono::milliseconds(50));
    }
}

bool ServerLock::is_current() const
{
    struct stat ours {};
    struct stat now {};
    return m_file && ::fstat(m_file.number(), &ours) == 0 && ::stat(m_path.c_str(), &now) == 0 &&
           ours.st_ino == now.st_ino && ours.st_dev == now.st_dev;
}

void pause_for(std::chrono::milliseconds time)
{
    pollfd signal{interrupt::descriptor(), POLLIN, 0};
    ::poll(&signal, 1, static_cast<int>(time.count()));
    interrupt::throw_if_pending();
}

} // namespace crudctl::server
