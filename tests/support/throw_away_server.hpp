#pragma once

#include "pg/conn_info.hpp"
#include "support/process/process.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::tests {

/// A certificate and its key, in a folder of its own; self-signed where no authority is named.
class Certificate {
public:
    enum class Validity { current, over };
    /// For this host name alone. Throws std::runtime_error where openssl is missing.
    explicit Certificate(const std::string& host, Validity validity = Validity::current);
    Certificate(const std::string& host, const Certificate& authority);

    std::filesystem::path certificate() const { return m_folder / "server.crt"; }
    std::filesystem::path key() const { return m_folder / "server.key"; }

private:
    TempFolder m_folder{0755};
};

/// A server for one test case, with settings and a pg_hba.conf of its own; ended and deleted at the
/// end of its life.
class ThrowAwayServer {
public:
    struct Options {
        std::string settings; // for postgresql.conf
        std::string access;   // lines of pg_hba.conf, before the usual ones
        const Certificate* tls = nullptr;
        std::filesystem::path wal = {}; // an empty folder for its pg_wal; empty: with its data
    };
    explicit ThrowAwayServer(const Options& options);
    ~ThrowAwayServer();
    ThrowAwayServer(const ThrowAwayServer&) = delete;
    ThrowAwayServer& operator=(const ThrowAwayServer&) = delete;

    /// As if its machine had lost power, and its return.
    void stop() const;
    void start() const;

    /// Superuser over the Unix socket, which trusts.
    pg::ConnInfo info() const;
    std::string port() const { return std::to_string(m_port); }
    std::filesystem::path socket_folder() const { return m_folder.path(); }
    std::filesystem::path log() const { return m_folder / "log"; }

private:
    std::filesystem::path data() const { return m_folder / "data"; }
    void move_wal(const std::filesystem::path& folder) const;
    void write_settings(const Options& options) const;
    ProgramResult control(std::vector<std::string> arguments) const; // pg_ctl

    TempFolder m_folder{0755};
    std::optional<Account> m_account;
    int m_port = 0;
};

} // namespace crudctl::tests
