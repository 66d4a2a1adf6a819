#include "aws/request/curl_client.hpp"
#include "aws/request/host.hpp"
#include "support/process/interrupt.hpp"
#include "support/stand_in_server.hpp"

#include <csignal>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <unistd.h>

using namespace crudctl;
using namespace crudctl::aws;
using crudctl::tests::StandInServer;

namespace {

std::string received(int connection)
{
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
        const auto count = ::recv(connection, buffer, sizeof buffer, 0);
        if (count <= 0) {
            break;
        }
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
}

/// Answers every request with this text.
StandInServer::Conversation answer(const std::string& text)
{
    return [text](int connection, int) {
        received(connection);
        ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    };
}

CurlClient client(const Environment& environment = {})
{
    return CurlClient({environment, {}, std::chrono::seconds(1)});
}

HttpRequest request_to(const StandInServer& server)
{
    HttpRequest request;
    request.url = "http://127.0.0.1:" + server.port() + "/";
    return request;
}

/// The failure of a request that must fail.
HttpError failure_of(const HttpRequest& request)
{
    try {
        client().send(request);
    } catch (const HttpError& error) {
        CHECK(error.code() == ExitCode::external);
        return error;
    }
    FAIL("there was an answer");
    throw std::logic_error("not reached");
}

} // namespace

TEST_CASE("an answer comes with status, headers and body, whatever the status is", "[aws]")
{
    const StandInServer server(answer("HTTP/1.1 503 Busy\r\nDATE: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
                                      "Content-Length: 4\r\n\r\nbody"));
    const HttpResponse response = client().send(request_to(server));
    CHECK(response.status == 503);
    CHECK(response.body == "body");
    CHECK(response.headers.at("content-length") == "4");
    CHECK(response.date() ==
          std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(12));
}

TEST_CASE("a request says its headers and its body, and asks for nothing first", "[aws]")
{
    std::string seen;
    const StandInServer server([&](int connection, int) {
        seen = received(connection);
        const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    });
    HttpRequest request = request_to(server);
    request.body = "a=b";
    request.headers = {{"content-type", "text/plain"}, {"x-one", "1"}};
    client().send(request);
    CHECK(seen.starts_with("POST / HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\n"));
    CHECK(seen.find("\r\ncontent-type: text/plain\r\n") != std::string::npos);
    CHECK(seen.find("\r\nx-one: 1\r\n") != std::string::npos);
    CHECK(seen.find("\r\nContent-Length: 3\r\n") != std::string::npos);
    CHECK(seen.find("Expect") == std::string::npos);
}

TEST_CASE("a redirect is an answer and is not followed", "[aws]")
{
    const StandInServer other(answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const StandInServer server(answer("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" +
                                      other.port() + "/\r\nContent-Length: 0\r\n\r\n"));
    CHECK(client().send(request_to(server)).status == 302);
    CHECK(other.connections() == 0);
}

TEST_CASE("a cut answer and a hang-up are failures that may pass", "[aws]")
{
    const StandInServer cut(answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"));
    CHECK(failure_of(request_to(cut)).may_pass());
    const StandInServer closed(tests::hang_up);
    CHECK(failure_of(request_to(closed)).may_pass());
}

TEST_CASE("an answer over the limit is a failure that does not pass", "[aws]")
{
    const StandInServer server(
        answer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + std::string(99, 'x')));
    HttpRequest request = request_to(server);
    request.largest_answer = 98;
    const HttpError error = failure_of(request);
    CHECK_FALSE(error.may_pass());
    CHECK(std::string(error.what()).find("is over 98 bytes") != std::string::npos);
    request.largest_answer = 99;
    CHECK(client().send(request).body.size() == 99);
}

TEST_CASE("a service that says nothing, or begins and stops, is given up", "[aws]")
{
    const StandInServer silent(tests::say_nothing);
    CHECK(failure_of(request_to(silent)).may_pass());
    const StandInServer stopping([](int connection, int number) {
        received(connection);
        const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
        ::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
        tests::say_nothing(connection, number);
    });
    CHECK(failure_of(request_to(stopping)).may_pass());
}

TEST_CASE("a signal ends the wait for an answer", "[aws]")
{
    const auto former = std::signal(SIGINT, SIG_DFL);
    const StandInServer silent([](int connection, int number) {
        received(connection);
        ::kill(::getpid(), SIGINT);
        tests::say_nothing(connection, number);
    });
    {
        const InterruptScope signals;
        CurlClient patient({{}, {}, std::chrono::seconds(60)});
        try {
            patient.send(request_to(silent));
            FAIL("there was an answer");
        } catch (const Error& error) {
            CHECK(error.code() == ExitCode::interrupted);
        }
    }
    interrupt::forget();
    std::signal(SIGINT, former);
}

TEST_CASE("a header of two lines and a scheme that isn't HTTP are refused", "[aws]")
{
    const StandInServer server(answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    HttpRequest request = request_to(server);
    request.headers = {{"authorization", "token\r\nx-other: 1"}};
    CHECK_THROWS_AS(client().send(request), std::logic_error);
    request = {};
    request.url = "file:///etc/passwd";
    CHECK_FALSE(failure_of(request).may_pass());
}

TEST_CASE("proxies are the environment's, and never for local addresses", "[aws]")
{
    Environment environment;
    environment.set("https_proxy", "http://proxy:1");
    environment.set("HTTP_PROXY", "http://forged:1");
    const CurlClient through = client(environment);
    CHECK(through.proxy_for("https://ec2.eu-west-1.amazonaws.com/") == "http://proxy:1");
    CHECK(through.proxy_for("http://example.com/").empty());
    CHECK(through.proxy_for("https://127.0.0.1:4566/").empty());
    CHECK(through.proxy_for("https://169.254.170.2/x").empty());
    CHECK(through.proxy_for("https://[fd00:ec2::23]/x").empty());
    environment.set("all_proxy", "socks5://proxy:2");
    CHECK(client(environment).proxy_for("http://example.com/") == "socks5://proxy:2");
}

TEST_CASE("which hosts are local", "[aws]")
{
    for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "LocalHost", "169.254.169.254",
                             "fe80::1", "fd00:ec2::254"}) {
        CHECK(is_local_host(host));
    }
    for (const char* host : {"", "128.0.0.1", "10.0.0.1", "fd00:ec3::1", "localhost.example.com",
                             "127.0.0.1.example.com"}) {
        CHECK_FALSE(is_local_host(host));
    }
    CHECK(host_of("https://[::1]:8443/a?b") == "::1");
    CHECK(host_of("http://user@Example.com:80") == "Example.com");
    CHECK(host_of("nonsense").empty());
    CHECK_FALSE(is_loopback_host("169.254.1.1"));
}

TEST_CASE("an RDS endpoint says its region, and nothing else does", "[aws]")
{
    CHECK(region_of_rds_host("cruddur-db.abc.ca-central-1.rds.amazonaws.com") == "ca-central-1");
    CHECK(region_of_rds_host("A.cluster-abc.EU-WEST-1.rds.amazonaws.com.") == "eu-west-1");
    CHECK(region_of_rds_host("a.abc.rds.cn-north-1.amazonaws.com.cn") == "cn-north-1");
    CHECK_FALSE(region_of_rds_host("db.example.com"));
    CHECK_FALSE(region_of_rds_host("ec2.ca-central-1.amazonaws.com"));
    CHECK_FALSE(region_of_rds_host("a.abc.eu-west-1.rds.amazonaws.com.evil.example"));
    CHECK_FALSE(region_of_rds_host("a.eu-west-1.amazonaws.com.cn"));
    CHECK_FALSE(region_of_rds_host(".eu-west-1.rds.amazonaws.com"));
    CHECK_FALSE(region_of_rds_host(""));
    const std::string flood(std::size_t{1} << 20U, 'a');
    CHECK(region_of_rds_host(flood + ".b.eu-west-1.rds.amazonaws.com") == "eu-west-1");
    CHECK_FALSE(region_of_rds_host(flood));
}
