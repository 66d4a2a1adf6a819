#include "support/temp_cluster.hpp"

#include "pg/connection.hpp"
#include "server/account.hpp"
#include "server/binaries.hpp"
#include "server/initdb.hpp"
#include "support/loopback.hpp"
#include "support/system/file.hpp"
#include "support/text/random.hpp"

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace crudctl::tests {

namespace fs = std::filesystem;

namespace {

/// Every cluster's data lie in a folder whose name begins so, and nothing else is ever deleted.
constexpr std::string_view base_name = "crudctl-cluster-";

using Fields = std::map<std::string, std::string>;

Fields read_fields(const fs::path& env_file)
{
    Fields fields;
    std::ifstream file(env_file);
    for (std::string line; std::getline(file, line);) {
        const auto equals = line.find('=');
        if (equals != std::string::npos) {
            fields[line.substr(0, equals)] = line.substr(equals + 1);
        }
    }
    return fields;
}

/// What start() and stop() run their programs with.
struct Programs {
    ProcessRunner processes;
    Environment environment = server::program_environment(Environment::from_process(environ));
    std::optional<Account> account;

    void run(const std::vector<std::string>& argv)
    {
        const ProgramResult result = processes.run({argv, environment, "/", account, {}});
        if (!result.succeeded()) {
            throw std::runtime_error(
                fmt::format("{} failed: {}{}", argv.front(), result.out, result.err));
        }
    }
};

fs::path make_base(const std::optional<Account>& account)
{
    const char* chosen = std::getenv("CRUDCTL_TEST_FOLDER");
    std::string name = fmt::format("{}/{}XXXXXX", chosen == nullptr ? "/tmp" : chosen, base_name);
    if (::mkdtemp(name.data()) == nullptr ||
        (account && ::chown(name.c_str(), account->user, account->group) != 0)) {
        throw std::runtime_error("cannot make the test cluster's folder");
    }
    return name;
}

void write_for(const std::optional<Account>& account, const fs::path& path, std::string_view text)
{
    write_file(path, text, 0600);
    if (account && ::chown(path.c_str(), account->user, account->group) != 0) {
        throw std::runtime_error("cannot give away " + path.string());
    }
}

/// The generous limits are for tests that need slots, prepared transactions or many sessions.
void write_settings(const fs::path& base, int port)
{
    std::ofstream settings(base / "data/postgresql.conf", std::ios::app);
    settings << "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
             << "listen_addresses = '127.0.0.1'\nport = " << port << "\nmax_connections = 200\n"
             << "unix_socket_directories = '" << base.string() << "'\n"
             << "max_prepared_transactions = 20\nwal_level = logical\n"
             << "log_min_messages = warning\nlc_messages = 'C'\n";
}

/// The server in $CRUDCTL_TEST_SERVER: a copy in the base, since the server's account may not be
/// able to reach it where it is. Without one, the distribution's.
fs::path chosen_binaries(const fs::path& base, const server::Binaries& distribution)
{
    const char* chosen = std::getenv("CRUDCTL_TEST_SERVER");
    if (chosen == nullptr) {
        return distribution.folder;
    }
    fs::copy(chosen, base / "server",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    return base / "server/bin";
}

/// Gives the port that it listens on.
int start_server(Programs& programs, const server::Binaries& binaries, const fs::path& base)
{
    constexpr int attempts = 5;
    for (int attempt = 1;; ++attempt) {
        const int port = free_port();
        write_settings(base, port);
        try {
            programs.run({binaries.program("pg_ctl").string(), "start", "--wait", "--silent", "-D",
                          (base / "data").string(), "-l", (base / "log").string()});
            return port;
        } catch (const std::runtime_error&) {
            if (attempt == attempts) {
                throw;
            }
        }
    }
}

} // namespace

TestCluster TestCluster::start(const fs::path& folder)
{
    stop(folder);
    fs::create_directories(folder);
    const auto ours = Environment::from_process(environ);
    Programs programs;
    programs.account = server::account_for_new_data();
    const auto distribution = server::find_binaries({}, ours, programs.processes);
    const fs::path base = make_base(programs.account);
    server::BinariesRequest request;
    request.configured = chosen_binaries(base, distribution);
    const auto binaries = server::find_binaries(request, ours, programs.processes);
    const std::string password = random_token(32);
    write_for(programs.account, base / "password", password);
    auto call = server::initdb_call(binaries, base / "data", base / "password");
    call.emplace_back("--no-sync");
    programs.run(call);
    programs.run({"cp", "-a", (base / "data").string(), (base / "pristine").string()});
    const int port = start_server(programs, binaries, base);
    write_file(folder / "cluster.env",
               fmt::format("host={}\nport={}\nuser=postgres\npassword={}\nbin={}\nclients={}\n",
                           base.string(), port, password, binaries.folder.string(),
                           distribution.folder.string()),
               0600);
    return read(folder / "cluster.env");
}

void TestCluster::stop(const fs::path& folder)
{
    const Fields fields = read_fields(folder / "cluster.env");
    const auto base = fields.find("host");
    if (base == fields.end() ||
        !fs::path(base->second).filename().string().starts_with(base_name)) {
        return;
    }
    const fs::path data = fs::path(base->second) / "data";
    if (fs::exists(data)) {
        Programs programs;
        programs.account = server::account_of_data(data);
        programs.processes.run({{fields.at("bin") + "/pg_ctl", "stop", "--mode=immediate",
                                 "--silent", "-D", data.string()},
                                programs.environment,
                                "/",
                                programs.account,
                                {}});
    }
    fs::remove_all(base->second);
    fs::remove(folder / "cluster.env");
}

const TestCluster& TestCluster::running()
{
    static const TestCluster cluster = [] {
        const char* folder = std::getenv("CRUDCTL_TEST_CLUSTER");
        if (folder == nullptr || !fs::exists(fs::path(folder) / "cluster.env")) {
            throw std::runtime_error(
                "no test cluster: run these tests through ctest, or start one with "
                "`crudctl_test_cluster start FOLDER` and set CRUDCTL_TEST_CLUSTER=FOLDER");
        }
        return read(fs::path(folder) / "cluster.env");
    }();
    return cluster;
}

TestCluster TestCluster::read(const fs::path& env_file)
{
    const Fields fields = read_fields(env_file);
    TestCluster cluster;
    cluster.m_host = fields.at("host");
    cluster.m_port = fields.at("port");
    cluster.m_password = fields.at("password");
    cluster.m_binaries = fields.at("bin");
    cluster.m_clients = fields.at("clients");
    return cluster;
}

pg::ConnInfo TestCluster::info(std::string database) const
{
    return pg::ConnInfo()
        .with("host", m_host)
        .with("port", m_port)
        .with("user", "postgres")
        .with("dbname", std::move(database));
}

pg::ConnInfo TestCluster::tcp_info(std::string database) const
{
    return info(std::move(database)).with("host", "127.0.0.1").with_password(Secret(m_password));
}

TempDatabase::TempDatabase()
{
    static std::atomic<int> count = 0;
    m_name = fmt::format("crudctl_test_{}_{}", ::getpid(), ++count);
    pg::Connection connection(TestCluster::running().info());
    connection.exec("create database " + connection.quoted(m_name) + " template template0");
}

TempDatabase::~TempDatabase()
{
    const char* keep = std::getenv("CRUDCTL_KEEP_TEST_DB");
    if (keep != nullptr && std::string_view(keep) == "1") {
        std::cerr << "kept " << url() << '\n';
        return;
    }
    try {
        pg::Connection connection(TestCluster::running().info());
        const pg::Result family = connection.exec("select datname from pg_database where datname = "
                                                  "$1 or starts_with(datname, $1 || '__')",
                                                  m_name);
        for (std::size_t i = 0; i < family.size(); ++i) {
            connection.exec("drop database if exists " +
                            connection.quoted(family[i].text("datname")) + " with (force)");
        }
    } catch (const std::exception& error) {
        std::cerr << "cannot drop " << m_name << ": " << error.what() << '\n';
    }
}

} // namespace crudctl::tests
