#include "pg/conn_info.hpp"
#include "support/error.hpp"

#include <string>

#include <catch2/catch.hpp>

using crudctl::Error;
using crudctl::ExitCode;
using crudctl::Secret;
using crudctl::pg::ConnInfo;

namespace {

/// The message and hint of the refusal; fails the test where the text is taken.
std::string refusal_of(const std::string& url)
{
    try {
        ConnInfo::parse(url);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::configuration);
        return std::string(error.what()) + " | " + error.hint();
    }
    FAIL("taken: " << url);
    return {};
}

} // namespace

TEST_CASE("a URL comes apart into libpq's keywords, percent-decoded")
{
    const auto info =
        ConnInfo::parse("postgres://ann:p%40ss%2Fword@db:5433/my%20db?sslmode=require");
    CHECK(info.host() == "db");
    CHECK(info.port() == "5433");
    CHECK(info.user() == "ann");
    CHECK(info.database() == "my db");
    CHECK(info.value("sslmode") == "require");
    CHECK(info.password().reveal() == "p@ss/word");
}

TEST_CASE("an @ in the query is no part of a password")
{
    CHECK(ConnInfo::parse("postgres://h/x?user=a@b").user() == "a@b");
    CHECK(ConnInfo::parse("postgres://ann:p@h/x?application_name=a@b").host() == "h");
}

TEST_CASE("keyword strings are read as well as URLs")
{
    const auto info = ConnInfo::parse("host=/run/pg dbname='odd name' user=ann");
    CHECK(info.is_unix_socket());
    CHECK(info.database() == "odd name");
}

TEST_CASE("another database is a keyword, never an edit of the text")
{
    const auto info = ConnInfo::parse("postgres://cruddurroot:cruddur@h/cruddur");
    const auto other = info.with_database("postgres");
    CHECK(other.user() == "cruddurroot");
    CHECK(other.password().reveal() == "cruddur");
    CHECK(other.database() == "postgres");
    CHECK(info.database() == "cruddur");
}

TEST_CASE("a URL that is written out reads back as it was")
{
    const auto info = ConnInfo::parse("postgres://a%3Ab:p%40@[::1]:5433/x%2Fy?sslmode=disable");
    const auto again = ConnInfo::parse(info.url(ConnInfo::ShowPassword::yes));
    CHECK(again.keywords() == info.keywords());
    CHECK(again.password().reveal() == info.password().reveal());
    const auto socket = ConnInfo::parse("host=/run/my\\ sockets port=5433 dbname=x");
    CHECK(ConnInfo::parse(socket.url(ConnInfo::ShowPassword::no)).keywords() == socket.keywords());
}

TEST_CASE("the password is in no text but the one that was asked for with it")
{
    const auto info = ConnInfo::parse("postgres://ann:S3cr3t@db/x");
    CHECK(info.server_text() == "ann@db:5432");
    CHECK(info.url(ConnInfo::ShowPassword::no) == "postgresql://ann@db/x");
    CHECK(info.url(ConnInfo::ShowPassword::yes) == "postgresql://ann:S3cr3t@db/x");
    CHECK_FALSE(info.value("password").has_value());
}

TEST_CASE("a malformed URL is refused by what is wrong with it, without being shown")
{
    const std::string secret = "S3cr3tPassword";
    const auto [url, part] = GENERATE(table<std::string, std::string>({
        {"postgresql:/ann:S3cr3tPassword@h/x", "\"//\" is missing"},
        {"POSTGRES://ann:S3cr3tPassword@h/x", "lower case"},
        {"postgres://ann:S3cr3tPassword%zz@h/x", "hexadecimal"},
        {"postgres://ann:S3cr3tPassword%00@h/x", "%00"},
        {"postgres://ann:S3cr3t/Password@h/x", "in a password write"},
        {"postgres://ann:S3cr3t@Password@h/x", "in a password write"},
        {"postgres://ann:S3cr3t@Pass/word@h/x", "in a password write"},
        {"postgres://ann:S3cr3t?a@Pass/word@h/x", "in a password write"},
        {"postgres://ann:123/S3cr3tPassword@h/x", "in a password write"},
        {"postgres://ann:S3cr3tPassword@h:no/x", "the port"},
        {"postgres://ann:S3cr3tPassword@h:99999/x", "the port"},
        {"postgres://ann:S3cr3tPassword@[::1/x", "never closed"},
        {"postgres://ann:S3cr3tPassword@h/x?nonsense=1", "what follows \"?\""},
        {"mysql://ann:S3cr3tPassword@h/x", "the scheme"},
        {"S3cr3tPassword nonsense", "neither a URL"},
        {"password=S3cr3t Password", "neither a URL"},
        {"postgres://ann:S3cr3tPassword@h/x\n", "control character"},
        {"", "it is empty"},
    }));
    const std::string refusal = refusal_of(url);
    CAPTURE(url, refusal);
    CHECK(refusal.find(part) != std::string::npos);
    CHECK(refusal.find("S3cr3t") == std::string::npos);
    CHECK(refusal.find("Password@") == std::string::npos);
}

TEST_CASE("a keyword that this libpq does not know is named with the nearest one")
{
    try {
        ConnInfo().with("sslmod", "require");
        FAIL("taken");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("\"sslmod\"") != std::string::npos);
        CHECK(error.hint() == "did you mean \"sslmode\"?");
    }
}

TEST_CASE("several hosts are told from one, each with its port")
{
    const auto info = ConnInfo::parse("postgres://ann@a:1,b/x");
    CHECK(info.has_several_hosts());
    CHECK(info.server_text() == "ann@a:1,b:5432");
    CHECK_FALSE(ConnInfo::parse("postgres://a/x").has_several_hosts());
    CHECK(ConnInfo::parse("host=a,b port=7 user=ann").server_text() == "ann@a:7,b:7");
    CHECK(ConnInfo::parse("user=ann port=7").server_text() == "ann@local socket:7");
}

TEST_CASE("a password may be made anew each time that it is asked for")
{
    int number = 0;
    const auto info = ConnInfo::parse("postgresql://u:old@h/d").with_password_source([&number] {
        return Secret("token-" + std::to_string(++number));
    });
    CHECK(info.password().reveal() == "token-1");
    CHECK(info.with("port", "1").password().reveal() == "token-2");
    CHECK(info.url(ConnInfo::ShowPassword::no) == "postgresql://u@h/d");
    CHECK(number == 2);
    CHECK(info.with_password(Secret("fixed")).password().reveal() == "fixed");
}

TEST_CASE("the servers of a URL are its places in their order")
{
    const auto one = ConnInfo::parse("postgresql://db/x").places();
    REQUIRE(one.size() == 1);
    CHECK(one[0].host == "db");
    CHECK(one[0].port == "5432");
    CHECK_FALSE(one[0].is_unix_socket());

    const auto several = ConnInfo::parse("host=a,/run hostaddr=10.0.0.1, port=5433,5434").places();
    REQUIRE(several.size() == 2);
    CHECK(several[0].address == "10.0.0.1");
    CHECK(several[0].port == "5433");
    CHECK_FALSE(several[0].is_unix_socket());
    CHECK(several[1].is_unix_socket());
    CHECK(several[1].port == "5434");
    CHECK(ConnInfo::parse("host=a,b port=6000").places()[1].port == "6000");
}
