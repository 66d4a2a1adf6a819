#pragma once

#include "server/layout.hpp"

#include <optional>
#include <vector>

#include <sys/types.h>

namespace crudctl::server {

/// Whether a process works in the server's data directory. `unknown`: it lives, and the system
/// does not let us look at it.
enum class Holds { yes, no, unknown };

/// True for a process that still runs; one that only waits to be reaped does not.
bool is_alive(pid_t process);

/// True as well for one that waits to be reaped: Postgres takes that for alive.
bool has_entry(pid_t process);

/// By the process's working directory, else by its command line: Postgres works in its data
/// directory, and each of its processes carries the cluster's name.
Holds holds_data(pid_t process, const Layout& layout);

/// Every process that is known to hold the data: the server's own, or what a killed one left.
/// Empty where the system has no /proc.
std::vector<pid_t> processes_holding(const Layout& layout);

/// What postmaster.pid says. A field that isn't there is 0 or empty.
struct PidFile {
    pid_t process = 0; // 0 where the file is empty or garbage
    int port = 0;
    std::filesystem::path socket_folder;
    bool is_ready = false;
};

/// Nothing where there is no such file.
std::optional<PidFile> read_pid_file(const std::filesystem::path& data);

} // namespace crudctl::server
