#pragma once

#include "server/layout.hpp"
#include "support/system/file.hpp"

#include <chrono>
#include <filesystem>
#include <optional>

namespace crudctl::server {

/// What stays the same from one start of the server to the next.
struct State {
    int port = 0;
    std::filesystem::path socket_folder;
};

/// As recorded; where a run was killed before it could, as the server's own postmaster.pid says.
/// Nothing where the server never ran.
std::optional<State> read_state(const Layout& layout);
void write_state(const Layout& layout, const State& state);

/// Keeps every other crudctl from making, starting, stopping or deleting the same server. The
/// kernel frees it when its owner dies.
class ServerLock {
public:
    /// Waits for it. Throws Error(busy) after `timeout`, Error(failed) where the base folder can't
    /// be written; where that folder isn't there, the lock is not current.
    ServerLock(const Layout& layout, std::chrono::milliseconds timeout);

    /// False where the folder was deleted, and maybe made anew, before the lock was had.
    bool is_current() const;

private:
    std::filesystem::path m_path;
    Descriptor m_file;
};

/// Sleeps, or throws Error(interrupted|terminated) as soon as a signal comes.
void pause_for(std::chrono::milliseconds time);

} // namespace crudctl::server
