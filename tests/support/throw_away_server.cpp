#include "support/throw_away_server.hpp"

#include "server/account.hpp"
#include "support/loopback.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"

#include <fstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace crudctl::tests {

namespace fs = std::filesystem;

namespace {

ProgramResult run_program(std::vector<std::string> argv, const std::optional<Account>& account)
{
    ProcessRunner processes;
    return processes.run({std::move(argv), Environment::from_process(environ), "/", account, {}});
}

void run_openssl(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "openssl");
    const ProgramResult made = run_program(std::move(arguments), {});
    if (!made.succeeded()) {
        throw std::runtime_error("cannot make a certificate: " + made.err);
    }
}

void give_to(const std::optional<Account>& account, const fs::path& path)
{
    if (account && ::chown(path.c_str(), account->user, account->group) != 0) {
        throw std::runtime_error("cannot give away " + path.string());
    }
}

} // namespace

Certificate::Certificate(const std::string& host, Validity validity)
{
    run_openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                 "-nodes", "-days", "2", "-subj", "/CN=" + host, "-addext",
                 "subjectAltName=DNS:" + host, "-keyout", key().string(), "-out",
                 certificate().string()});
    if (validity == Validity::over) {
        run_openssl({"x509", "-in", certificate().string(), "-signkey", key().string(), "-days",
                     "-1", "-out", certificate().string()});
    }
}

Certificate::Certificate(const std::string& host, const Certificate& authority)
{
    const std::string request = (m_folder / "request").string();
    run_openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-subj", "/CN=" + host, "-keyout", key().string(), "-out", request});
    run_openssl({"x509", "-req", "-in", request, "-CA", authority.certificate().string(), "-CAkey",
                 authority.key().string(), "-set_serial", "1", "-days", "2", "-out",
                 certificate().string()});
}

ThrowAwayServer::ThrowAwayServer(const Options& options)
    : m_account(server::account_of_data(TestCluster::running().pristine_data()))
{
    give_to(m_account, m_folder.path());
    const ProgramResult copied = run_program(
        {"cp", "-a", TestCluster::running().pristine_data().string(), data().string()}, {});
    if (!copied.succeeded()) {
        throw std::runtime_error("cannot copy the test cluster's data: " + copied.err);
    }
    m_port = free_port();
    write_settings(options);
    if (!options.wal.empty()) {
        move_wal(options.wal);
    }
    start();
}

void ThrowAwayServer::start() const
{
    const ProgramResult started = control({"start", "--wait", "-l", log().string()});
    if (!started.succeeded()) {
        throw std::runtime_error("cannot start a server: " + started.out + started.err);
    }
}

ThrowAwayServer::~ThrowAwayServer()
{
    stop();
}

void ThrowAwayServer::stop() const
{
    control({"stop", "--mode=immediate"});
}

pg::ConnInfo ThrowAwayServer::info() const
{
    return pg::ConnInfo()
        .with("host", m_folder.path().string())
        .with("port", port())
        .with("user", "postgres")
        .with("dbname", "postgres");
}

void ThrowAwayServer::move_wal(const fs::path& folder) const
{
    give_to(m_account, folder);
    const fs::path usual = data() / "pg_wal";
    const ProgramResult moved =
        run_program({"sh", "-c", "mv \"$1\"/* \"$2\" && rmdir \"$1\" && ln -s \"$2\" \"$1\"", "sh",
                     usual.string(), folder.string()},
                    m_account);
    if (!moved.succeeded()) {
        throw std::runtime_error("cannot move pg_wal: " + moved.err);
    }
}

void ThrowAwayServer::write_settings(const Options& options) const
{
    std::ofstream settings(data() / "postgresql.conf", std::ios::app);
    settings << "fsync = off\nlisten_addresses = '127.0.0.1'\nport = " << m_port
             << "\nunix_socket_directories = '" << m_folder.path().string() << "'\n"
             << options.settings << '\n';
    if (options.tls != nullptr) {
        settings << "ssl = on\n";
        for (const fs::path& file : {options.tls->certificate(), options.tls->key()}) {
            const fs::path copy = data() / file.filename();
            fs::copy_file(file, copy);
            fs::permissions(copy, fs::perms::owner_read);
            give_to(m_account, copy);
        }
    }
    const std::string usual = read_file(data() / "pg_hba.conf", 1U << 20U).text;
    std::ofstream(data() / "pg_hba.conf") << options.access << '\n' << usual;
}

ProgramResult ThrowAwayServer::control(std::vector<std::string> arguments) const
{
    std::vector<std::string> argv = {(TestCluster::running().binaries() / "pg_ctl").string(),
                                     "--silent", "-D", data().string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run_program(std::move(argv), m_account);
}

} // namespace crudctl::tests
