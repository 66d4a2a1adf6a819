#include "cli/database_project.hpp"
#include "support/hint_check.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

using Arguments = std::vector<std::string>;

void drop(const DatabaseProject& fixture)
{
    pg::Connection(TestCluster::running().info())
        .exec_script("drop database if exists " + fixture.database.name() + " with (force)");
}

void lead_nowhere(DatabaseProject& fixture)
{
    fixture.project.set_variable("CONNECTION_URL", "postgresql://postgres@127.0.0.1:1/shop");
}

void mark_prod(DatabaseProject& fixture)
{
    fixture.project.write("crudctl.toml",
                          "[project]\nname = 'shop'\n[profiles.local]\nurl = '${CONNECTION_URL}'\n"
                          "[profiles.prod]\nurl = '${CONNECTION_URL}'\n");
}

void nothing(const DatabaseProject& /*fixture*/) {}

/// What a command is refused for, and whether its hint alone puts it right.
struct Scene {
    std::function<void(DatabaseProject&)> prepare;
    Arguments arguments;
    std::string command; // of the hint
    bool is_cured = false;
};

/// At a terminal a person types what is asked for.
int exit_code_of(const DatabaseProject& fixture, const Arguments& command)
{
    const CliResult result = fixture.run(command).result();
    if (result.exit_code != 5) {
        return result.exit_code;
    }
    const std::string name = fixture.database.name();
    return fixture.run(command)
        .with_terminal(200)
        .expect("Type ")
        .type(name + "@prod\n")
        .result()
        .exit_code;
}

} // namespace

TEST_CASE("a command that a hint names runs as it stands there")
{
    // Usage, configuration, or one more refusal: then it was no way out.
    const std::set<int> walls = {2, 3, 5};
    for (const Scene& scene : std::vector<Scene>{
             {drop, {"seed"}, "create", false},
             {drop, {"schema-load"}, "create", true},
             {drop, {"sessions"}, "create", true},
             {drop, {"save", "kept"}, "setup", true},
             {drop, {"query", "users/show", "handle=ada"}, "create", false},
             {drop, {"status"}, "", false},
             {nothing, {"undo"}, "copies", false},
             {nothing, {"undo", "none"}, "copies", false},
             {nothing, {"copies", "--delete", "none"}, "copies", false},
             {nothing, {"query", "none"}, "query", false},
             {nothing, {"query"}, "query", false},
             {nothing, {"ensure", "--json", "none"}, "", false},
             {lead_nowhere, {"setup"}, "doctor", false},
             {lead_nowhere, {"seed"}, "doctor", false},
             {lead_nowhere, {"status"}, "doctor", false},
             {mark_prod, {"status", "none"}, "", false},
             {mark_prod, {"drop", "prod"}, "", false}, // without a terminal none is named
             {mark_prod, {"mark", "prod", "--as", "dev"}, "", false}}) {
        DatabaseProject fixture;
        scene.prepare(fixture);
        const CliResult refused = fixture.run(scene.arguments).result();
        INFO(fmt::format("{}", fmt::join(scene.arguments, " ")) << "\n"
                                                                << refused.out << refused.err);
        const auto commands = commands_in_hints(refused.err + refused.out,
                                                {"local", "prod", fixture.database.name(), "kept"});
        const bool is_named = std::ranges::any_of(
            commands, [&](const Arguments& command) { return command.front() == scene.command; });
        CHECK(is_named == !scene.command.empty());
        for (const Arguments& command : commands) {
            INFO(fmt::format("crudctl {}", fmt::join(command, " ")));
            CHECK_FALSE(walls.contains(exit_code_of(fixture, command)));
        }
        if (scene.is_cured) {
            CHECK(fixture.run(scene.arguments).result().exit_code == 0);
        }
    }
}
