#pragma once

#include "pg/conn_info.hpp"
#include "support/as_server.hpp"
#include "support/loopback.hpp"
#include "support/own_server.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"
#include "support/temp_folder.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

namespace crudctl::tests {

/// PgBouncer before the test cluster, unprivileged; ended with its life.
class Bouncer {
public:
    /// Where there is an alias, it leads to that database.
    explicit Bouncer(const std::string& mode, const std::string& alias = {},
                     const std::string& database = {})
        : m_port(free_port())
    {
        give_to_server(m_folder.path());
        const TestCluster& cluster = TestCluster::running();
        const std::string server =
            fmt::format("host={} port={} user=postgres", cluster.socket_folder(), cluster.port());
        const std::string aliases =
            alias.empty() ? "" : fmt::format("{} = {} dbname={}\n", alias, server, database);
        const auto config = m_folder.write(
            "bouncer.ini",
            fmt::format("[databases]\n{}* = {}\n[pgbouncer]\n"
                        "listen_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n"
                        "auth_type = any\npool_mode = {}\nserver_login_retry = 1\n"
                        "ignore_startup_parameters = options,extra_float_digits\n"
                        "pidfile = {}\nlogfile = {}\n",
                        aliases, server, m_port, mode, pid_file().string(),
                        (m_folder / "log").string()));
        std::filesystem::permissions(config, std::filesystem::perms::others_read,
                                     std::filesystem::perm_options::add);
        const char* program = "/usr/sbin/pgbouncer";
        if (!std::filesystem::exists(program)) {
            throw std::runtime_error("this needs PgBouncer: apt-get install pgbouncer");
        }
        run_as_server({program, "-d", "-q", config.string()});
        if (!eventually([&] { return std::filesystem::exists(pid_file()); })) {
            throw std::runtime_error("pgbouncer does not start");
        }
    }
    ~Bouncer() { ::kill(std::stoi(read_file(pid_file(), 64).text), SIGTERM); }
    Bouncer(const Bouncer&) = delete;
    Bouncer& operator=(const Bouncer&) = delete;

    pg::ConnInfo info(const std::string& database) const
    {
        return pg::ConnInfo()
            .with("host", "127.0.0.1")
            .with("port", std::to_string(m_port))
            .with("user", "postgres")
            .with("dbname", database);
    }

private:
    std::filesystem::path pid_file() const { return m_folder / "pid"; }

    TempFolder m_folder{0755};
    int m_port;
};

} // namespace crudctl::tests
