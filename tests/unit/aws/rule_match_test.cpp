#include "aws/request/host.hpp"
#include "aws/rules/rule_plan.hpp"

#include <catch2/catch.hpp>

using namespace crudctl::aws;

namespace {

SecurityGroupRule rule_for(const char* cidr)
{
    SecurityGroupRule rule;
    rule.protocol = "tcp";
    rule.from_port = 5432;
    rule.to_port = 5432;
    rule.cidr = cidr;
    return rule;
}

} // namespace

TEST_CASE("a rule lets in the addresses of its network and no others", "[aws]")
{
    CHECK(lets_in(rule_for("203.0.113.7/32"), "203.0.113.7", 5432));
    CHECK_FALSE(lets_in(rule_for("203.0.113.7/32"), "203.0.113.8", 5432));
    CHECK(lets_in(rule_for("203.0.113.0/24"), "203.0.113.255", 5432));
    CHECK_FALSE(lets_in(rule_for("203.0.113.0/24"), "203.0.112.255", 5432));
    CHECK(lets_in(rule_for("128.0.0.0/1"), "203.0.113.7", 5432));
    CHECK_FALSE(lets_in(rule_for("0.0.0.0/1"), "203.0.113.7", 5432));
    CHECK(lets_in(rule_for("0.0.0.0/0"), "203.0.113.7", 5432));
    for (const char* other : {"", "::/0", "203.0.113.7/33", "rubbish"}) {
        CAPTURE(other);
        CHECK_FALSE(lets_in(rule_for(other), "203.0.113.7", 5432));
    }
}

TEST_CASE("a rule lets in to its ports, by its protocol, and only what comes in", "[aws]")
{
    auto rule = rule_for("203.0.113.7/32");
    CHECK_FALSE(lets_in(rule, "203.0.113.7", 5433));
    rule.to_port = 5440;
    CHECK(lets_in(rule, "203.0.113.7", 5433));
    rule.protocol = "udp";
    CHECK_FALSE(lets_in(rule, "203.0.113.7", 5432));
    rule.protocol = "-1";
    rule.from_port = -1;
    rule.to_port = -1;
    CHECK(lets_in(rule, "203.0.113.7", 5432));
    rule.is_egress = true;
    CHECK_FALSE(lets_in(rule, "203.0.113.7", 5432));
}

TEST_CASE("an endpoint's name says instance and region, a cluster's or a proxy's does not", "[aws]")
{
    const auto known = parse_rds_host("Cruddur-db.abc123.ca-central-1.rds.amazonaws.com");
    REQUIRE(known);
    CHECK(known->instance == "cruddur-db");
    CHECK(known->region == "ca-central-1");
    CHECK(parse_rds_host("a.b1.rds.cn-north-1.amazonaws.com.cn")->region == "cn-north-1");
    for (const char* other :
         {"a.cluster-b1.eu-west-1.rds.amazonaws.com", "a.proxy-b1.eu-west-1.rds.amazonaws.com",
          "db.example.com", "localhost", "", "rds.amazonaws.com"}) {
        CAPTURE(other);
        CHECK_FALSE(parse_rds_host(other));
    }
    const std::string flood(std::size_t{1} << 20U, 'a');
    CHECK(parse_rds_host(flood + ".b1.eu-west-1.rds.amazonaws.com")->instance == flood);
    CHECK(is_rds_host("a.cluster-b1.eu-west-1.rds.amazonaws.com"));
    CHECK_FALSE(is_rds_host("rds.amazonaws.com.example.org"));
    CHECK_FALSE(is_rds_host("db.example.com"));
}
