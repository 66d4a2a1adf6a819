#include "aws/strict_endpoint.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::tests;
using nlohmann::json;

namespace {

/// A rule that differs from ours in this.
json with(const std::string& name, const json& value)
{
    json rule = stored_rule(rule_id, "198.51.100.1/32", "GITPOD");
    rule[name] = value;
    return rule;
}

json without_ipv4(const std::string& name, const std::string& value)
{
    json rule = with(name, value);
    rule.erase("cidrIpv4");
    return rule;
}

/// A description with this age, as a workspace writes it.
std::string label(const std::string& owner, const std::string& time)
{
    return "crudctl:project " + owner + " " + time;
}

void use_rule_of(Workspace& workspace, const std::string& name)
{
    workspace.set("DB_SG_RULE_ID", "per-workspace");
    workspace.set("GITPOD_WORKSPACE_ID", name);
}

} // namespace

TEST_CASE("a rule that is of another kind or somebody else's is left alone")
{
    const std::vector<std::pair<json, std::string>> rules = {
        {with("description", "office"), "is described as \"office\", so it may be somebody else's"},
        {with("cidrIpv4", "0.0.0.0/0"), ""}, // ours: it gets narrower
        {with("description", "crudctl:project bob@w 2026-01-01T00:00Z"), "may be somebody else's"},
        {with("egress", true), "is for what leaves"},
        {with("protocol", "-1"), "not for tcp"},
        {without_ipv4("cidrIpv6", "2001:db8::/64"), "names no IPv4 network"},
        {without_ipv4("referencedGroupId", group_id), "names no IPv4 network"},
    };
    for (const auto& [rule, told] : rules) {
        const StrictEndpoint ec2(json{{"rules", {rule}}});
        const auto result = Workspace(ec2).update().result();
        CAPTURE(result.err);
        CHECK(result.exit_code == (told.empty() ? 0 : 5));
        CHECK(contains(result.err, told));
        CHECK((ec2.rules()[0] == rule) == !told.empty());
    }
}

TEST_CASE("a rule of another group than DB_SG_ID's is left alone")
{
    const StrictEndpoint ec2;
    Workspace workspace(ec2);
    workspace.set("DB_SG_ID", "sg-00000000000000001");
    const auto result = workspace.update().result();
    CHECK(result.exit_code == 5);
    CHECK(contains(result.err, "belongs to sg-0123456789abcdef0, not to sg-00000000000000001"));
}

TEST_CASE("a rule described as the settings say is ours, and one described as nothing")
{
    for (const char* description : {"my laptop", "", "gitpod"}) {
        const StrictEndpoint ec2(json{{"rules", {with("description", description)}}});
        const Workspace workspace(ec2);
        workspace.write("project/crudctl.toml", "[profiles.local.aws]\nrule_description = "
                                                "'my laptop'\n");
        CHECK(workspace.update().result().exit_code == 0);
        CHECK(ec2.rules()[0]["description"] == "my laptop");
        CHECK(ec2.cidr_of(rule_id) == own_cidr);
    }
}

TEST_CASE("where the id is gone the rule is found by group, description and port, on any page")
{
    json rules = json::array();
    for (int i = 10; i < 22; ++i) {
        rules.push_back(stored_rule("sgr-000000000000000" + std::to_string(i),
                                    "192.0.2." + std::to_string(i) + "/32", "office"));
    }
    rules.push_back(stored_rule(rule_id, "198.51.100.1/32", "GITPOD"));
    const StrictEndpoint ec2(json{{"rules", rules}, {"page_size", 5}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "sgr-0000000000000dead");
    const auto result = workspace.update().result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(contains(result.err, "there is no rule sgr-0000000000000dead; sgr-0123456789abcdef0 is "
                               "taken, by its description"));
    CHECK(ec2.cidr_of(rule_id) == own_cidr);
}

TEST_CASE("no rule at all is an error that tells how to have one made")
{
    const StrictEndpoint ec2(json{{"rules", {with("description", "office")}}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "sgr-0000000000000dead");
    const auto result = workspace.update().result();
    CHECK(result.exit_code == 6);
    CHECK(contains(result.err,
                   "there is no rule sgr-0000000000000dead in sg-0123456789abcdef0, and "
                   "none for tcp 5432 that is described as \"GITPOD\""));
    CHECK(contains(result.err, "aws.security_group_rule = \"create\" makes one"));
}

TEST_CASE("two rules described as ours are not chosen between")
{
    const std::string other = "sgr-00000000000000002";
    const StrictEndpoint ec2(json{{"rules",
                                   {stored_rule(rule_id, "198.51.100.1/32", "GITPOD"),
                                    stored_rule(other, "198.51.100.2/32", "GITPOD")}}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "");
    CHECK(workspace.update().result().exit_code == 5);
    CHECK(workspace.update({"--ip", "198.51.100.2"}).result().exit_code == 0);
    CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
}

TEST_CASE("create makes a rule where there is none, once, and prints its id")
{
    const StrictEndpoint ec2(json{{"rules", {with("description", "office")}}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "create");
    CHECK(workspace.update({"--check"}).result().exit_code == 7);
    CHECK(contains(workspace.update({"--dry-run"}).result().out, "would make a rule for "));
    CHECK(ec2.rules().size() == 1);
    const auto made = workspace.update().result();
    CAPTURE(made.err);
    CHECK(made.exit_code == 0);
    CHECK(made.out.starts_with("sgr-"));
    CHECK(ec2.cidr_of(made.out.substr(0, made.out.find('\n'))) == own_cidr);
    const auto again = workspace.update({"--ip", "203.0.113.9"}).result();
    CHECK(again.exit_code == 0);
    CHECK(ec2.rules().size() == 2);
}

TEST_CASE("create makes no second rule for an address that one lets in")
{
    json other = with("description", "office");
    other["cidrIpv4"] = own_cidr;
    const StrictEndpoint ec2(json{{"rules", {other}}});
    Workspace workspace(ec2);
    workspace.set("DB_SG_RULE_ID", "create");
    CHECK(workspace.update().result().exit_code == 0);
    CHECK(ec2.rules() == json::array({other}));
}

TEST_CASE("an address that another rule lets in is no failure, and that rule stays")
{
    const std::string office = "sgr-00000000000000002";
    const StrictEndpoint ec2(json{{"rules",
                                   {stored_rule(rule_id, "198.51.100.1/32", "GITPOD"),
                                    stored_rule(office, own_cidr, "office")}}});
    const auto result = Workspace(ec2).update({"--json"}).result();
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["rule"] == office);
    CHECK(contains(result.err, "already, by this rule of somebody else's"));
    CHECK(ec2.cidr_of(rule_id) == "198.51.100.1/32");
}

TEST_CASE("each workspace keeps a rule of its own")
{
    const StrictEndpoint ec2(json{{"rules", {with("description", "office")}}});
    Workspace first(ec2);
    use_rule_of(first, "ws-1");
    Workspace second(ec2);
    use_rule_of(second, "ws-2");
    CHECK(first.update().result().exit_code == 0);
    CHECK(second.update({"--ip", "203.0.113.8"}).result().exit_code == 0);
    CHECK(first.update({"--ip", "203.0.113.9"}).result().exit_code == 0);
    std::vector<std::string> cidrs;
    for (const json& rule : ec2.rules()) {
        cidrs.push_back(rule["cidrIpv4"]);
    }
    CHECK(cidrs == std::vector<std::string>{"203.0.113.9/32", "203.0.113.8/32", "198.51.100.1/32"});
    CHECK(first.update({"--ip", "203.0.113.9", "--check"}).result().exit_code == 0);
}

TEST_CASE("stale rules of gone workspaces are removed, and nobody else's")
{
    const std::vector<std::string> descriptions = {
        label("bob@ws-7", "2026-01-01T00:00Z"), label("bob@ws-8", "2999-01-01T00:00Z"),
        "crudctl:other bob@ws-7 2026-01-01T00:00Z", "GITPOD", "office"};
    json rules = json::array();
    for (std::size_t i = 0; i < descriptions.size(); ++i) {
        rules.push_back(stored_rule("sgr-0000000000000000" + std::to_string(i),
                                    "198.51.100." + std::to_string(i) + "/32", descriptions[i]));
    }
    const StrictEndpoint ec2(json{{"rules", rules}});
    Workspace workspace(ec2);
    use_rule_of(workspace, "ws-1");
    workspace.write("project/crudctl.toml", "[profiles.local.aws]\nrule_ttl = '8h'\n");
    const auto planned = workspace.update({"--dry-run"}).result();
    CHECK(contains(planned.out, "would remove sgr-00000000000000000, "));
    const auto result = workspace.update({"--json"}).result();
    CAPTURE(result.err);
    CHECK(result.exit_code == 0);
    CHECK(json::parse(result.out)["removed"] == json::array({"sgr-00000000000000000"}));
    CHECK(ec2.rules().size() == descriptions.size());
}
