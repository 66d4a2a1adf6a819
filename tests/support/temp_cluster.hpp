#pragma once

#include "pg/conn_info.hpp"

#include <filesystem>
#include <string>

namespace crudctl::tests {

/// The throw-away cluster of a test run. The program crudctl_test_cluster starts it before the
/// tests and stops it afterwards; the tests find it through its folder's cluster.env.
class TestCluster {
public:
    /// Makes and starts one (unprivileged where we are root, without fsync) and writes
    /// <folder>/cluster.env; one that an earlier run left there is stopped first. The server is the
    /// one in the folder $CRUDCTL_TEST_SERVER (with bin, lib and share), else the distribution's;
    /// its data and its socket lie below $CRUDCTL_TEST_FOLDER (a short path), else below /tmp.
    /// Throws std::exception that names the package to install where there is no server.
    static TestCluster start(const std::filesystem::path& folder);

    /// Ends it at once and deletes its data; nothing happens where there is none.
    static void stop(const std::filesystem::path& folder);

    /// The cluster of the folder in $CRUDCTL_TEST_CLUSTER. Throws std::exception where none runs.
    static const TestCluster& running();

    /// Superuser over the Unix socket, which trusts.
    pg::ConnInfo info(std::string database = "postgres") const;
    /// Superuser over loopback TCP, with the password (SCRAM).
    pg::ConnInfo tcp_info(std::string database = "postgres") const;

    const std::string& socket_folder() const noexcept { return m_host; }
    const std::string& port() const noexcept { return m_port; }
    const std::string& password() const noexcept { return m_password; }
    /// Data as initdb leaves them, and the file with their password: to copy, which is quicker.
    std::filesystem::path pristine_data() const { return m_host + "/pristine"; }
    /// Where the server's own programs are: postgres, initdb, pg_ctl.
    const std::filesystem::path& binaries() const noexcept { return m_binaries; }
    /// Where psql and pg_dump are: the distribution's, whatever the server's version.
    const std::filesystem::path& clients() const noexcept { return m_clients; }

private:
    static TestCluster read(const std::filesystem::path& env_file);

    std::string m_host;
    std::string m_port;
    std::string m_password;
    std::filesystem::path m_binaries;
    std::filesystem::path m_clients;
};

/// A database for one test case, on the running cluster: made on the way in, dropped with force on
/// the way out, with whatever stands in for it ("<name>__…"). CRUDCTL_KEEP_TEST_DB=1 keeps it and
/// prints its URL.
class TempDatabase {
public:
    TempDatabase();
    ~TempDatabase();
    TempDatabase(const TempDatabase&) = delete;
    TempDatabase& operator=(const TempDatabase&) = delete;

    const std::string& name() const noexcept { return m_name; }
    pg::ConnInfo info() const { return TestCluster::running().info(m_name); }
    pg::ConnInfo tcp_info() const { return TestCluster::running().tcp_info(m_name); }
    /// The loopback URL with its password, as an application would have it.
    std::string url() const { return tcp_info().url(pg::ConnInfo::ShowPassword::yes); }

private:
    std::string m_name;
};

} // namespace crudctl::tests
