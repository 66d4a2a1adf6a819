#include "cli/connect/log_in_checks.hpp"
#include "support/throw_away_server.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// The superuser of a server made from the test cluster's data, which has its password.
std::string tls_url(const ThrowAwayServer& server, const std::string& host,
                    const std::string& parameters)
{
    return fmt::format("postgresql://postgres:{}@{}:{}/postgres?{}",
                       TestCluster::running().password(), host, server.port(), parameters);
}

} // namespace

TEST_CASE("TLS is checked as far as sslmode asks, and the check that fails is named")
{
    const Certificate ours("localhost");
    const Certificate others("localhost");
    const ThrowAwayServer server(
        {"ssl_min_protocol_version = 'TLSv1.3'", "hostnossl all all 127.0.0.1/32 reject", &ours});
    const std::string root = "&sslrootcert=" + ours.certificate().string();
    const std::string wrong_root = "&sslrootcert=" + others.certificate().string();

    check_succeeds(run_on(tls_url(server, "127.0.0.1", "sslmode=require")));
    check_succeeds(run_on(tls_url(server, "127.0.0.1", "sslmode=verify-ca" + root)));
    check_succeeds(run_on(tls_url(server, "localhost", "sslmode=verify-full" + root)));

    check_fails(run_on(tls_url(server, "127.0.0.1", "sslmode=verify-full" + root)),
                "does not match host name \"127.0.0.1\"", "for another name than the URL's host");
    check_fails(run_on(tls_url(server, "localhost", "sslmode=verify-full" + wrong_root)),
                "the server's certificate cannot be trusted",
                "not signed by the root certificate in sslrootcert, or it has expired");
    check_fails(run_on(tls_url(server, "localhost", "sslmode=verify-full")),
                "no root certificate to check", "sslrootcert names its file");
    check_fails(
        run_on(tls_url(server, "localhost", "sslmode=verify-full&sslrootcert=/nonexistent.crt")),
        "no root certificate to check", "sslrootcert names its file");
    check_fails(
        run_on(tls_url(server, "127.0.0.1", "sslmode=require&ssl_max_protocol_version=TLSv1.2")),
        "protocol version", "no TLS version in common");
    check_fails(run_on(tls_url(server, "127.0.0.1", "sslmode=disable")), "no encryption",
                "sslmode=require in the URL");
}

TEST_CASE("a certificate that has expired is not trusted, even where it is the root itself")
{
    const Certificate expired("localhost", Certificate::Validity::over);
    const ThrowAwayServer server({"", "", &expired});
    check_fails(
        run_on(tls_url(server, "localhost",
                       "sslmode=verify-full&sslrootcert=" + expired.certificate().string())),
        "the server's certificate cannot be trusted", "or it has expired");
    check_succeeds(run_on(tls_url(server, "localhost", "sslmode=require")));
}

TEST_CASE("a server without TLS is refused where sslmode asks for it")
{
    const TempDatabase database;
    for (const char* mode : {"require", "verify-ca", "verify-full"}) {
        check_fails(run_on(database.url() + "?sslmode=" + mode), "the server has no TLS",
                    "sslmode=disable or prefer");
    }
    check_succeeds(run_on(database.url() + "?sslmode=prefer"));
}

TEST_CASE("who may log in and from where is explained where the server says no")
{
    const ThrowAwayServer server({"", "local all app peer\nhost all app 127.0.0.1/32 reject", {}});
    pg::Connection admin(server.info());
    admin.exec("create role app login createdb");
    admin.exec("create role builder login createdb");
    admin.exec("revoke connect on database postgres, template1 from public");
    const auto socket_url = [&](const std::string& user) {
        return fmt::format("postgresql://{}@/cruddur?host={}&port={}", user,
                           server.socket_folder().string(), server.port());
    };
    check_fails(run_on(socket_url("app")), "Peer authentication failed for user \"app\"",
                "the system's user of that name alone");
    check_fails(run_on("postgresql://app@127.0.0.1:" + server.port() + "/cruddur"),
                "pg_hba.conf rejects connection", "pg_hba.conf");
    check_fails(run_on(socket_url("nobody_here")), "role \"nobody_here\" does not exist",
                "is the user in the URL right?");
    check_fails(run_on(socket_url("builder"), {"create"}),
                "permission denied for database \"postgres\"", "maintenance_database");
}
