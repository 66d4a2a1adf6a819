#include "support/standby.hpp"

#include "pg/connection.hpp"
#include "support/as_server.hpp"
#include "support/loopback.hpp"
#include "support/own_server.hpp"
#include "support/temp_cluster.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace crudctl::tests {

Standby::Standby(const ThrowAwayServer& primary)
    : m_socket_folder(m_folder.path().string()), m_port(std::to_string(free_port()))
{
    give_to_server(m_socket_folder);
    run_as_server({"cp", "-a", TestCluster::running().pristine_data().string(), data()});
    run_as_server({"touch", data() + "/standby.signal"});
    set(fmt::format("port = {}\nunix_socket_directories = '{}'\n"
                    "primary_conninfo = 'user=postgres host={} port={}'\n",
                    m_port, m_socket_folder, primary.socket_folder().string(), primary.port()));
    control({"start", "--wait", "-l", (m_folder / "log").string()});
}

Standby::~Standby()
{
    try {
        control({"stop", "--mode=immediate"});
    } catch (const std::exception&) {
        // It is below a folder of ours, and nobody else's.
    }
}

pg::ConnInfo Standby::info(const std::string& database) const
{
    return pg::ConnInfo()
        .with("host", m_socket_folder)
        .with("port", m_port)
        .with("user", "postgres")
        .with("dbname", database);
}

bool Standby::has_replayed(const std::string& pattern) const
{
    return eventually([&] {
        return pg::Connection(info("postgres"))
                   .exec("select count(*) from pg_database where datname ~ $1", pattern)
                   .scalar() != "0";
    });
}

void Standby::take_place_of(const ThrowAwayServer& primary)
{
    control({"stop", "--mode=fast"});
    m_socket_folder = primary.socket_folder().string();
    m_port = primary.port();
    set(fmt::format("port = {}\nunix_socket_directories = '{}'\n", m_port, m_socket_folder));
    control({"start", "--wait", "-l", (m_folder / "log").string()});
    control({"promote", "--wait"});
}

void Standby::set(const std::string& settings) const
{
    std::ofstream(data() + "/postgresql.conf", std::ios::app) << settings;
}

void Standby::control(std::vector<std::string> arguments) const
{
    std::vector<std::string> argv = {(TestCluster::running().binaries() / "pg_ctl").string(),
                                     "--silent", "-D", data()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    run_as_server(std::move(argv));
}

} // namespace crudctl::tests
