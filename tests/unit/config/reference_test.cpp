#include "unit/config/fixture.hpp"

#include "config/file/setting_table.hpp"
#include "support/paths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

std::string text_of(const fs::path& path)
{
    return read_file(crudctl::tests::source_folder() / path, 1U << 20U).text;
}

/// The reference's row for a setting, word for word.
std::string row_of(const Setting& setting)
{
    return fmt::format("| `{}` | {} | {} | {} | {} |", setting.key, kind_text(setting),
                       setting.variable.empty() ? "" : fmt::format("`{}`", setting.variable),
                       setting.default_text, setting.description);
}

std::set<std::string> rows_of_reference()
{
    std::set<std::string> rows;
    std::istringstream lines(text_of("config/README.md"));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("| `")) {
            CHECK(rows.insert(line).second);
        }
    }
    return rows;
}

} // namespace

TEST_CASE("the reference page has exactly the settings that the program has", "[config]")
{
    std::set<std::string> expected;
    for (const Setting& setting : setting_table()) {
        expected.insert(row_of(setting));
    }
    CHECK(rows_of_reference() == expected);
}

TEST_CASE("each setting is in the table once", "[config]")
{
    std::set<std::string_view> keys;
    std::set<std::string_view> variables;
    for (const Setting& setting : setting_table()) {
        CHECK(keys.insert(setting.key).second);
        CHECK((setting.variable.empty() || variables.insert(setting.variable).second));
        CHECK_FALSE(setting.description.empty());
        CHECK((setting.kind == Kind::word) == !setting.choices.empty());
        CHECK(find_setting(setting.key) == &setting);
    }
}

TEST_CASE("the sample settings load and lead local to its own server", "[config]")
{
    const ProjectFolder project;
    project.write("config/crudctl.toml", text_of("config/crudctl.toml"));
    const Settings settings = project.load();
    const Profile local = settings.profile();
    CHECK(settings.warnings().empty());
    CHECK(local.own_server);
    CHECK_FALSE(local.has_target);
    CHECK_FALSE(local.protection.is_protected);
    CHECK(local.conn_info.database() == "cruddur");
    CHECK(settings.project().root == project.root());
    CHECK(settings.project().schema == std::vector<fs::path>{project.root() / "sql/schema.sql"});
    CHECK(failure_of([&] { settings.profile("prod"); }).message.find("PROD_CONNECTION_URL") !=
          std::string::npos);
}

TEST_CASE("the sample settings follow both URLs where they are set", "[config]")
{
    const ProjectFolder project;
    project.write("config/crudctl.toml", text_of("config/crudctl.toml"));
    const Settings settings =
        project.load({{"CONNECTION_URL", "postgresql://u@db:5432/cruddur"},
                      {"PROD_CONNECTION_URL", "postgresql://u@prod.example.com/cruddur"}});
    CHECK(settings.profile().has_target);
    CHECK(settings.profile().origin == "CONNECTION_URL");
    CHECK(settings.profile("prod").protection.is_protected);
    CHECK(settings.profile("prod").seed == SeedPolicy::ask);
}

TEST_CASE("each key of the sample settings has a comment above it", "[config]")
{
    std::istringstream lines(text_of("config/crudctl.toml"));
    std::string before;
    for (std::string line; std::getline(lines, line); before = line) {
        if (line.find(" = ") != std::string::npos && !line.starts_with('#')) {
            INFO(line);
            CHECK(before.starts_with("#"));
        }
    }
}
