#pragma once

#include "pg/conn_info.hpp"
#include "support/temp_folder.hpp"
#include "support/throw_away_server.hpp"

#include <string>
#include <vector>

namespace crudctl::tests {

/// A hot standby of a server, ended with its life. It begins with the data that the server began
/// with, and follows from there: pg_basebackup is not there for every version.
class Standby {
public:
    explicit Standby(const ThrowAwayServer& primary);
    ~Standby();
    Standby(const Standby&) = delete;
    Standby& operator=(const Standby&) = delete;

    pg::ConnInfo info(const std::string& database) const;
    /// Waits until a database whose name matches is there. False where it takes too long.
    bool has_replayed(const std::string& pattern) const;
    /// Answers from now on where the primary did, which has to be stopped, as its successor.
    void take_place_of(const ThrowAwayServer& primary);

private:
    void set(const std::string& settings) const;
    void control(std::vector<std::string> arguments) const; // pg_ctl
    std::string data() const { return (m_folder / "data").string(); }

    TempFolder m_folder{0755};
    std::string m_socket_folder;
    std::string m_port;
};

} // namespace crudctl::tests
