#include "aws/rules/public_address.hpp"
#include "unit/aws/fakes.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace crudctl::aws::test;

namespace {

/// The address that is found, or what is said where none is.
std::string found(const std::vector<ScriptedHttp::Answer>& answers)
{
    ScriptedHttp http;
    http.answers.assign(answers.begin(), answers.end());
    std::vector<std::string> services(answers.size(), "https://ip.example.com/x");
    try {
        return find_public_address(http, services, [](const std::string&) {}).address;
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::external);
        CHECK(error.hint().starts_with("give it with --ip"));
        return error.what();
    }
}

} // namespace

TEST_CASE("an address of the internet is one dotted quad of the right kind", "[aws]")
{
    for (const char* open : {"203.0.113.7", "8.8.8.8", "223.255.255.255", "100.63.255.255",
                             "100.128.0.0", "172.32.0.1", "192.0.1.1", "198.20.0.1"}) {
        CHECK(address_kind(open) == AddressKind::open);
    }
    for (const char* internal : {"10.0.0.1", "100.64.0.1", "100.127.255.255", "172.16.0.1",
                                 "172.31.255.255", "192.168.1.1", "198.18.0.1", "192.0.0.8"}) {
        CHECK(address_kind(internal) == AddressKind::internal);
    }
    for (const char* none : {"",
                             "0.0.0.0",
                             "0.1.2.3",
                             "127.0.0.1",
                             "169.254.169.254",
                             "224.0.0.1",
                             "255.255.255.255",
                             "240.0.0.1",
                             "2001:db8::1",
                             "::ffff:203.0.113.7",
                             "203.0.113.7/32",
                             "203.0.113.7/0",
                             "203.0.113",
                             "203.0.113.07",
                             "203.0.113.256",
                             " 203.0.113.7",
                             "203.0.113.7 ",
                             "0xcb.0.1.1",
                             "<html>",
                             "3405803783"}) {
        CAPTURE(none);
        CHECK(address_kind(none) == AddressKind::none);
    }
}

TEST_CASE("the first service that answers with an address is believed", "[aws]")
{
    CHECK(found({says(200, "203.0.113.7\n")}) == "203.0.113.7");
    CHECK(found({says(503, "203.0.113.1"), fails(HttpError::Outlook::may_pass),
                 says(200, "<html>who are you</html>"), says(200, ""), says(200, "10.1.2.3"),
                 says(200, "2001:db8::1"), says(200, "0.0.0.0"), says(302, ""),
                 says(200, "203.0.113.7"), says(200, "203.0.113.8")}) == "203.0.113.7");
}

TEST_CASE("where no service gives an address each one's reason is told", "[aws]")
{
    CHECK(
        found({says(200, "10.1.2.3"), says(429, "slow down"), says(200, "0.0.0.0"),
               fails(HttpError::Outlook::may_pass)}) ==
        "this machine's public address was not found: \"ip.example.com\" answered an address that "
        "the internet does not see; \"ip.example.com\" answered HTTP 429; \"ip.example.com\" "
        "answered no IPv4 address; no answer");
}

TEST_CASE("services are asked for little, and over IPv4 alone", "[aws]")
{
    ScriptedHttp http;
    http.answers = {says(200, "203.0.113.7")};
    find_public_address(http, {"https://ip.example.com"}, [](const std::string&) {});
    CHECK(http.requests.at(0).only_ipv4);
    CHECK(http.requests.at(0).largest_answer == 64);
    CHECK_FALSE(http.requests.at(0).body);
    for (const std::string& service : address_services()) {
        CHECK(service.starts_with("https://"));
    }
}

TEST_CASE("services can be listed with blanks and commas", "[aws]")
{
    using Services = std::vector<std::string>;
    CHECK(service_list(" http://a,http://b\thttp://c, ") ==
          Services{"http://a", "http://b", "http://c"});
    CHECK(service_list(" ").empty());
}
