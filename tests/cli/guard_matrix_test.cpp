#include "cli/database_project.hpp"
#include "commands/registry.hpp"
#include "support/paths.hpp"
#include "support/proxy.hpp"
#include "support/text_table.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

// Every command of the registry, in every place that a profile may lead to, with everything that
// may be said to it: what it ends with, and whether anything was changed.

using namespace crudctl;
using namespace crudctl::tests;
using plan::Effect;

namespace {

enum class Place {
    local,      // marked dev
    prod,       // of a protected profile, marked prod
    unmarked,   // nobody said what it is
    mismatched, // with a marker that says prod, of another server's database
    tunnel,     // of an unprotected profile through another port, marked prod
    broken,     // whose marker cannot be read
};

enum class Answer {
    terminal, // the end of input, as a person types it
    pipe,
    closed,
    yes,        // without an end, as yes(1) says it
    wrong_name, // at a terminal
    right_name,
    confirm, // --confirm without a terminal, and so are the plan's ids
    plan_id,
    stale_id,
};

constexpr std::array answers = {
    std::pair{Answer::terminal, "terminal"},     std::pair{Answer::pipe, "pipe"},
    std::pair{Answer::closed, "closed"},         std::pair{Answer::yes, "yes |"},
    std::pair{Answer::wrong_name, "wrong name"}, std::pair{Answer::right_name, "right name"},
    std::pair{Answer::confirm, "--confirm"},     std::pair{Answer::plan_id, "plan id"},
    std::pair{Answer::stale_id, "stale id"},
};

/// One way to use a command; PROFILE, DATABASE and COPY stand for those of the place.
struct Row {
    std::string command;
    std::vector<std::string> arguments;
    Effect effect = Effect::reads;
    /// Where a protected target is concerned, if that is another one: taking protection away.
    std::optional<Effect> on_protected = {};
    bool is_refused_on_protected = false;
    bool changes_nothing = false;
};

const std::vector<Row> rows = {
    {"setup", {"PROFILE", "--no-seed"}, Effect::destroys},
    {"ensure", {"PROFILE"}, Effect::reads}, // there is something: ensure_test.cpp has the rest
    {"create", {"PROFILE", "-d", "DATABASE__new"}, Effect::adds},
    {"drop", {"PROFILE"}, Effect::destroys},
    {"drop", {"PROFILE", "--purge"}, Effect::past_undo},
    {"schema-load", {"PROFILE", "-f", "sql/adds.sql"}, Effect::adds},
    {"schema-load", {"PROFILE", "-f", "sql/destroys.sql"}, Effect::destroys},
    {"seed", {"PROFILE", "-f", "sql/seed.sql"}, Effect::adds},
    {"seed", {"PROFILE", "-f", "sql/destroys.sql"}, Effect::destroys},
    {"connect", {"PROFILE", "--", "-c", "select 1"}, Effect::reads},
    {"sessions", {"PROFILE"}, Effect::reads},
    {"undo", {"-p", "PROFILE"}, Effect::destroys},
    {"save", {"kept", "-p", "PROFILE"}, Effect::disrupts, {}, true},
    {"copies", {"PROFILE"}, Effect::reads},
    {"copies", {"PROFILE", "--delete", "COPY"}, Effect::past_undo},
    {"mark", {"PROFILE"}, Effect::reads},
    {"mark", {"PROFILE", "--as", "staging"}, Effect::adds, Effect::disrupts},
    {"history", {"PROFILE"}, Effect::reads},
    {"status", {"PROFILE"}, Effect::reads},
    {"doctor", {"PROFILE"}, Effect::reads},
    {"url", {"PROFILE"}, Effect::reads},
    {"config", {"PROFILE"}, Effect::reads},
    {"init", {"--print"}, Effect::reads},
    // There is one server for a project, whatever the profile: that `server delete` wants its name
    // is in server_test.cpp.
    {"server", {"status"}, Effect::reads},
    // What it changes is no database; what it refuses is in tests/aws.
    {"update-sg-rule", {"PROFILE", "--best-effort"}, Effect::reads},
    {"rds", {"--help"}, Effect::reads},
};

/// What a cell has to show.
struct Expectation {
    int exit_code = 0;
    bool changes = false;
    bool asks = false;
};

bool is_protected(Place place)
{
    return place == Place::prod || place == Place::tunnel;
}

Effect effect_at(const Row& row, Place place)
{
    return is_protected(place) ? row.on_protected.value_or(row.effect) : row.effect;
}

bool is_refused(const Row& row, Place place)
{
    const bool destroys = effect_at(row, place) >= Effect::destroys;
    return (destroys && (place == Place::tunnel || place == Place::broken)) ||
           (row.is_refused_on_protected && is_protected(place));
}

bool must_be_confirmed(const Row& row, Place place)
{
    return effect_at(row, place) >= (is_protected(place) ? Effect::disrupts : Effect::past_undo);
}

/// The whole rule.
Expectation expected(const Row& row, Place place, Answer answer)
{
    constexpr Expectation refused = {5, false, false};
    const bool changes = row.effect != Effect::reads;
    if (is_refused(row, place) || answer == Answer::stale_id) {
        return refused;
    }
    if (!must_be_confirmed(row, place)) {
        return {0, changes, false};
    }
    switch (answer) {
    case Answer::right_name:
        return {0, true, true};
    case Answer::plan_id:
        return {0, true, false};
    case Answer::confirm:
        return is_protected(place) ? refused : Expectation{0, true, false};
    case Answer::terminal:
    case Answer::wrong_name:
        return {5, false, true};
    default:
        return refused;
    }
}

/// What reads or adds has no question that an answer could go to, and no plan's id; nor has what is
/// let through, but for an id that is stale.
bool is_worth_a_run(const Row& row, Place place, Answer answer)
{
    const bool has_no_question = !is_refused(row, place) && !must_be_confirmed(row, place);
    if (answer == Answer::stale_id && effect_at(row, place) < Effect::disrupts) {
        return false;
    }
    if (row.effect == Effect::reads) {
        return answer == Answer::closed;
    }
    return !has_no_question || answer == Answer::pipe || answer == Answer::closed ||
           answer == Answer::stale_id;
}

/// A database as it is at a place, put back whenever a run changed it.
class Scene {
public:
    explicit Scene(Place place) : m_place(place), m_admin(TestCluster::running().info())
    {
        project.project.write("sql/schema.sql", "create table users (id int);\n");
        project.project.write("sql/seed.sql", "insert into users values (7);\n");
        project.project.write("sql/adds.sql", "create table extra (id int);\n");
        project.project.write("sql/destroys.sql", "delete from users;\n");
        pg::Connection(project.database.info()).exec("create table users (id int)");
        pg::Connection(project.database.info()).exec("insert into users values (1)");
        m_admin.exec(fmt::format("create database {} template {}", pattern(), name()));
        point_profile();
        restore();
    }

    std::string profile() const { return m_place == Place::prod ? "prod" : "local"; }
    std::string phrase() const { return name() + "@" + profile(); }
    std::vector<std::string> arguments_of(const Row& row) const
    {
        std::vector<std::string> arguments = {row.command};
        for (std::string argument : row.arguments) {
            argument = argument == "PROFILE"         ? profile()
                       : argument == "COPY"          ? copy()
                       : argument == "DATABASE__new" ? name() + "__new"
                                                     : argument;
            arguments.push_back(std::move(argument));
        }
        return arguments;
    }

    int exit_code(const Row& row, Answer answer, bool asks)
    {
        std::vector<std::string> arguments = arguments_of(row);
        if (answer == Answer::confirm) {
            add_confirmation(arguments, phrase());
        } else if (answer == Answer::plan_id || answer == Answer::stale_id) {
            add_confirmation(arguments, with_id(row, answer));
        }
        CliCall call = project.run(arguments);
        if (row.command == "url") {
            call.that_may_show_secrets();
        }
        switch (answer) {
        case Answer::terminal:
            return at_terminal(call, asks, "\x04");
        case Answer::wrong_name:
            return at_terminal(call, asks, name() + "@staging\n");
        case Answer::right_name:
            return at_terminal(call, asks, phrase() + "\n");
        case Answer::closed:
            return call.with_closed_input().result().exit_code;
        case Answer::yes:
            return call.with_input(many_yes()).result().exit_code;
        default:
            return call.result().exit_code;
        }
    }

    /// The databases, what they are marked as, and what is in them.
    std::string state()
    {
        const std::string databases =
            m_admin
                .exec("select string_agg(datname || ' ' || oid || ' ' ||"
                      " coalesce(shobj_description(oid, 'pg_database'), ''), ',' order by datname)"
                      " from pg_database where starts_with(datname, $1) and datname <> $2",
                      name(), pattern())
                .scalar()
                .value_or("");
        if (databases.find(name() + " ") == std::string::npos) {
            return databases;
        }
        return databases +
               project.ask("select (select count(*) from users) || ' ' || count(*) from pg_class");
    }

    void restore()
    {
        const auto databases = m_admin.exec(
            "select datname from pg_database where starts_with(datname, $1) and datname <> $2",
            name(), pattern());
        for (std::size_t i = 0; i < databases.size(); ++i) {
            m_admin.exec(
                fmt::format("drop database \"{}\" with (force)", databases[i].text("datname")));
        }
        for (const std::string& database : {name(), copy()}) {
            m_admin.exec(
                fmt::format("create database \"{}\" template \"{}\"", database, pattern()));
        }
        comment(name(), marker());
        comment(copy(),
                fmt::format("crudctl: {{\"built\":{{}},\"stands_in\":{{\"kind\":\"previous\","
                            "\"for\":\"{}\",\"at\":\"2026-01-01T00:00:00.000Z\",\"by\":"
                            "\"setup\"}}}}",
                            name()));
    }

    DatabaseProject project;

private:
    const std::string& name() const { return project.database.name(); }
    std::string pattern() const { return name() + "__pattern"; }
    std::string copy() const { return name() + "__prev_20260101T000000_0000"; }

    void point_profile()
    {
        pg::ConnInfo info = project.database.tcp_info();
        if (m_place == Place::tunnel) {
            m_tunnel = std::make_unique<Proxy>(std::stoi(TestCluster::running().port()));
            info = info.with("port", m_tunnel->port());
        }
        const std::string url = info.url(pg::ConnInfo::ShowPassword::yes);
        const bool is_prod = m_place == Place::prod;
        project.project.set_variable("CONNECTION_URL", is_prod ? "" : url);
        project.project.set_variable("PROD_CONNECTION_URL", is_prod ? url : "");
    }

    std::string marker()
    {
        const auto of = [&](const std::string& environment, const std::string& oid) {
            return fmt::format(R"(crudctl: {{"environment":"{}","oid":"{}"}})", environment, oid);
        };
        switch (m_place) {
        case Place::local:
            return of("dev", oid());
        case Place::prod:
        case Place::tunnel:
            return of("prod", oid());
        case Place::mismatched:
            return of("prod", "1");
        case Place::broken:
            return R"(crudctl: {"environment":)";
        case Place::unmarked:
            break;
        }
        return "";
    }

    std::string oid()
    {
        return m_admin.exec("select oid from pg_database where datname = $1", name())
            .scalar()
            .value_or("");
    }

    void comment(const std::string& database, const std::string& text)
    {
        m_admin.exec(
            fmt::format("comment on database \"{}\" is {}", database, m_admin.literal(text)));
    }

    static void add_confirmation(std::vector<std::string>& arguments, const std::string& text)
    {
        arguments.insert(std::ranges::find(arguments, "--"), {"--confirm", text});
    }

    /// The phrase with the id that --dry-run prints; a stale one as it would be much later.
    std::string with_id(const Row& row, Answer answer) const
    {
        std::vector<std::string> arguments = arguments_of(row);
        arguments.insert(arguments.end(), {"--dry-run", "--json"});
        const auto document =
            nlohmann::json::parse(project.run(arguments).result().out, nullptr, false);
        if (!document.contains("confirm")) { // refused before there is a plan
            return phrase();
        }
        std::string text = document["confirm"];
        if (answer == Answer::stale_id) {
            text[text.find('#') + 1] = '1'; // decades ago
        }
        return text;
    }

    static int at_terminal(const CliCall& call, bool asks, const std::string& keys)
    {
        TerminalCall terminal = call.with_terminal();
        if (asks) {
            terminal.expect("Type ").type(keys);
        }
        const TerminalResult result = terminal.result();
        CHECK((result.screen.find("Type ") != std::string::npos) == asks);
        return result.exit_code;
    }

    static std::string many_yes()
    {
        std::string text;
        for (int i = 0; i < 1000; ++i) {
            text += "y\n";
        }
        return text;
    }

    Place m_place;
    pg::Connection m_admin;
    std::unique_ptr<Proxy> m_tunnel;
};

std::string row_name(const Row& row)
{
    std::string text = row.command;
    for (const std::string& argument : row.arguments) {
        text += argument == "PROFILE" || argument == "-p" ? "" : " " + argument;
    }
    return text;
}

/// Runs all cells of a place; what was found goes into a file beside the program, as a table: the
/// exit code, with `*` where something was changed.
void run_column(Place place, const std::string& name)
{
    Scene scene(place);
    std::vector<TextTable::Column> columns = {{name}, {"effect"}};
    for (const auto& answer : answers) {
        columns.push_back({answer.second});
    }
    TextTable table(columns);
    std::string state = scene.state();
    for (const Row& row : rows) {
        std::vector<std::string> cells = {row_name(row),
                                          std::string(effect_name(effect_at(row, place)))};
        for (const auto& [answer, answer_name] : answers) {
            if (!is_worth_a_run(row, place, answer)) {
                cells.emplace_back("");
                continue;
            }
            CAPTURE(name, row_name(row), answer_name);
            const Expectation expectation = expected(row, place, answer);
            const int exit_code = scene.exit_code(row, answer, expectation.asks);
            const bool has_changed = scene.state() != state;
            CHECK(exit_code == expectation.exit_code);
            CHECK(has_changed == expectation.changes);
            cells.push_back(fmt::format("{}{}", exit_code, has_changed ? "*" : ""));
            if (has_changed) {
                scene.restore();
                state = scene.state();
            }
        }
        table.add(cells);
    }
    const std::string text = table.to_text(0);
    std::cout << text << '\n';
    std::ofstream(crudctl_binary().parent_path() / ("guard_matrix_" + name + ".txt")) << text;
}

} // namespace

TEST_CASE("every command has a row in the guard's matrix, and no row does more than its class")
{
    for (const auto& entry : commands::registry()) {
        CAPTURE(entry.name);
        const bool has_row =
            std::ranges::any_of(rows, [&](const Row& row) { return row.command == entry.name; });
        CHECK(has_row);
    }
    for (const Row& row : rows) {
        CAPTURE(row_name(row));
        CHECK(std::max(row.effect, row.on_protected.value_or(row.effect)) <=
              worst_effect(commands::registered(row.command).command_class));
    }
}

TEST_CASE("the guard's matrix: a database of a developer's own")
{
    run_column(Place::local, "local");
}

TEST_CASE("the guard's matrix: a protected profile")
{
    run_column(Place::prod, "prod");
}

TEST_CASE("the guard's matrix: a database without a marker")
{
    run_column(Place::unmarked, "unmarked");
}

TEST_CASE("the guard's matrix: a marker of another database")
{
    run_column(Place::mismatched, "mismatched");
}

TEST_CASE("the guard's matrix: a tunnel to what is marked prod")
{
    run_column(Place::tunnel, "tunnel");
}

TEST_CASE("the guard's matrix: a marker that cannot be read")
{
    run_column(Place::broken, "broken");
}
