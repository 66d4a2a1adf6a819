#include "aws/rules/rule_plan.hpp"
#include "support/error.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::aws;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds midday =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h;

WorkspaceLabel label(const std::string& user, std::chrono::sys_seconds time = midday)
{
    return {"cruddur", user, "ws-1", time};
}

WantedRule wish_of(const WorkspaceLabel& owner, const std::string& cidr = "203.0.113.7/32")
{
    WantedRule wish;
    wish.group = "sg-1";
    wish.cidr = cidr;
    wish.rule = WorkspaceRule{owner, 8h};
    return wish;
}

SecurityGroupRule rule(const std::string& id, const std::string& cidr,
                       const std::string& description)
{
    return {id, "sg-1", false, "tcp", 5432, 5432, cidr, description};
}

std::vector<std::string> ids(const std::vector<SecurityGroupRule>& rules)
{
    std::vector<std::string> names;
    for (const SecurityGroupRule& each : rules) {
        names.push_back(each.id);
    }
    return names;
}

} // namespace

TEST_CASE("a workspace's label is read back as it was written", "[aws]")
{
    const WorkspaceLabel written = label("andrew");
    CHECK(written.text() == "crudctl:cruddur andrew@ws-1 2026-11-22T12:00Z");
    const auto read = WorkspaceLabel::parse(written.text());
    REQUIRE(read);
    CHECK(read->is_same_owner(written));
    CHECK(read->last_use == midday);
    CHECK_FALSE(read->is_same_owner(label("bob")));
}

TEST_CASE("a label holds only what EC2 takes, in its length", "[aws]")
{
    const WorkspaceLabel strange("my project\n", "Åsa x", std::string(400, 'w'), midday);
    const std::string text = strange.text();
    CHECK(text.size() <= 255);
    CHECK(text.starts_with("crudctl:my-project- --sa-x@www"));
    CHECK(WorkspaceLabel::parse(text)->is_same_owner(strange));
    CHECK(WorkspaceLabel("", "", "", midday).text() == "crudctl:- @ 2026-11-22T12:00Z");
}

TEST_CASE("what isn't a label is nobody's", "[aws]")
{
    for (const char* text :
         {"", "GITPOD", "crudctl:cruddur", "crudctl:cruddur andrew@ws-1",
          "crudctl:cruddur andrew@ws-1 2026-13-22T12:00Z", "xcrudctl:a b 2026-11-22T12:00Z",
          "crudctl:a b c 2026-11-22T12:00Z", "crudctl:a b 2026-11-22T12:00Z ",
          "crudctl:a b 2026-11-22T12:00", "crudctl:a b 2026-11-22T12:0Z", "crudctl:a b Z",
          "crudctl:a  2026-11-22T12:00Z", "crudctl:a/ b 2026-11-22T12:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(WorkspaceLabel::parse(text));
    }
    const std::string flood(std::size_t{1} << 20U, 'a');
    CHECK_FALSE(WorkspaceLabel::parse("crudctl:" + flood));
    CHECK_FALSE(WorkspaceLabel::parse("crudctl:a b " + flood));
}

TEST_CASE("descriptions that EC2 takes, and that aren't a workspace's", "[aws]")
{
    CHECK(is_fixed_description("GITPOD"));
    CHECK(is_fixed_description("my laptop (home), $1!"));
    CHECK_FALSE(is_fixed_description(""));
    CHECK_FALSE(is_fixed_description("crudctl:x"));
    CHECK_FALSE(is_fixed_description("a\"b"));
    CHECK_FALSE(is_fixed_description("é"));
    CHECK_FALSE(is_fixed_description(std::string(256, 'x')));
}

TEST_CASE("a workspace makes its rule, changes it, and leaves it alone", "[aws]")
{
    const WantedRule wish = wish_of(label("andrew"));
    const RulePlan first = plan_workspace_rule({}, wish);
    CHECK(first.action == RuleAction::make);
    CHECK(first.wanted.description == "crudctl:cruddur andrew@ws-1 2026-11-22T12:00Z");
    CHECK(first.wanted.cidr == "203.0.113.7/32");

    const std::string before = label("andrew", midday - 1h).text();
    const RulePlan moved = plan_workspace_rule({rule("sgr-1", "198.51.100.1/32", before)}, wish);
    CHECK(moved.action == RuleAction::modify);
    CHECK(moved.wanted.id == "sgr-1");
    CHECK(moved.wanted.description == first.wanted.description);

    const RulePlan fresh = plan_workspace_rule({rule("sgr-1", "203.0.113.7/32", before)}, wish);
    CHECK(fresh.action == RuleAction::nothing);
    const RulePlan aged = plan_workspace_rule(
        {rule("sgr-1", "203.0.113.7/32", label("andrew", midday - 2h).text())}, wish);
    CHECK(aged.action == RuleAction::modify);
}

TEST_CASE("other people's rules stay, but for stale ones of this project", "[aws]")
{
    std::vector<SecurityGroupRule> rules = {
        rule("sgr-1", "198.51.100.1/32", label("bob", midday - 7h).text()),
        rule("sgr-2", "198.51.100.2/32", label("eve", midday - 9h).text()),
        rule("sgr-3", "198.51.100.3/32", WorkspaceLabel("other", "eve", "w", midday - 9h).text()),
        rule("sgr-4", "198.51.100.4/32", "GITPOD"),
        rule("sgr-5", "198.51.100.5/32", "office"),
        rule("sgr-6", "198.51.100.6/32", label("eve", midday + 9h).text()),
        rule("sgr-7", "198.51.100.7/32", label("andrew", midday - 1h).text()),
        rule("sgr-8", "198.51.100.8/32", label("andrew", midday - 9h).text()),
        rule("sgr-9", "203.0.113.7/32", label("zoe", midday - 9h).text()),
    };
    rules.push_back(rule("sgr-a", "198.51.100.9/32", label("eve", midday - 9h).text()));
    rules.back().from_port = 22;
    rules.back().to_port = 22;
    const RulePlan plan = plan_workspace_rule(rules, wish_of(label("andrew")));
    CHECK(plan.wanted.id == "sgr-7");
    CHECK(ids(plan.stale) == std::vector<std::string>{"sgr-2", "sgr-8"});
}

TEST_CASE("an address that somebody else's rule lets in needs no second one", "[aws]")
{
    const RulePlan plan =
        plan_workspace_rule({rule("sgr-1", "203.0.113.7/32", label("bob", midday - 1h).text())},
                            wish_of(label("andrew")));
    CHECK(plan.action == RuleAction::nothing);
    CHECK(plan.wanted.id == "sgr-1");
    CHECK(plan.wanted.description == label("bob", midday - 1h).text());
}
