#include "cli/guard/guard_scene.hpp"
#include "commands/registry.hpp"
#include "support/nightly.hpp"
#include "support/paths.hpp"
#include "support/text/text_table.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

// Every command of the registry, in every place that a profile may lead to, with everything that
// may be said to it: what it ends with, and whether anything was changed.

using namespace crudctl;
using namespace crudctl::tests;
using plan::Effect;

namespace {

constexpr std::array answers = {
    std::pair{Answer::terminal, "terminal"},
    std::pair{Answer::pipe, "pipe"},
    std::pair{Answer::closed, "closed"},
    std::pair{Answer::yes, "yes |"},
    std::pair{Answer::wrong_name, "wrong name"},
    std::pair{Answer::right_name, "right name"},
    std::pair{Answer::confirm, "--confirm"},
    std::pair{Answer::plan_id, "plan id"},
    std::pair{Answer::stale_id, "stale id"},
    std::pair{Answer::typed_ahead, "typed ahead"},
    std::pair{Answer::by_automation, "an agent's"},
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
    {"sql", {"select 1", "-p", "PROFILE"}, Effect::reads},
    {"sql", {"insert into users values (2)", "-p", "PROFILE"}, Effect::adds, {}, true},
    {"sql", {"delete from users", "-p", "PROFILE"}, Effect::destroys, {}, true},
    {"sql", {"delete from users", "-p", "PROFILE", "--write"}, Effect::destroys},
    {"sessions", {"PROFILE"}, Effect::reads},
    {"undo", {"-p", "PROFILE"}, Effect::destroys},
    {"save", {"kept", "-p", "PROFILE"}, Effect::disrupts, {}, true},
    {"copies", {"PROFILE"}, Effect::reads},
    {"copies", {"PROFILE", "--delete", "COPY"}, Effect::past_undo},
    {"mark", {"PROFILE"}, Effect::reads},
    {"mark", {"PROFILE", "--as", "staging"}, Effect::adds, Effect::disrupts},
    {"protect", {"PROFILE"}, Effect::reads},
    {"history", {"PROFILE"}, Effect::reads},
    {"status", {"PROFILE"}, Effect::reads},
    {"doctor", {"PROFILE"}, Effect::reads},
    {"url", {"PROFILE"}, Effect::reads},
    {"config", {"PROFILE"}, Effect::reads},
    {"init", {"--print"}, Effect::reads},
    {"trust", {"PROFILE"}, Effect::reads},
    {"query", {"reads", "-p", "PROFILE"}, Effect::reads},
    {"query", {"adds", "-p", "PROFILE"}, Effect::adds, {}, true},
    {"query", {"adds", "-p", "PROFILE", "--write"}, Effect::adds},
    {"query", {"destroys", "-p", "PROFILE"}, Effect::destroys, {}, true},
    {"query", {"destroys", "-p", "PROFILE", "--write"}, Effect::destroys},
    // There is one server for a project, whatever the profile: that `server delete` wants its name
    // is in server_test.cpp.
    {"server", {"status"}, Effect::reads},
    // What it changes is no database; what it refuses is in tests/aws.
    {"update-sg-rule", {"PROFILE", "--best-effort"}, Effect::reads},
    {"rds", {"--help"}, Effect::reads},
    {"lambda", {"invoke", "sql/event.json", "-p", "PROFILE"}, Effect::adds},
};

/// What a cell has to show.
struct Expectation {
    int exit_code = 0;
    bool changes = false;
    bool asks = false;
};

bool is_protected(Place place)
{
    return place != Place::local && place != Place::unmarked && place != Place::mismatched;
}

/// An unprotected profile leads to what says prod.
bool is_prod_unawares(Place place)
{
    return place == Place::tunnel || place == Place::restored || place == Place::upgraded ||
           place == Place::planted;
}

Effect effect_at(const Row& row, Place place)
{
    return is_protected(place) ? row.on_protected.value_or(row.effect) : row.effect;
}

bool is_refused(const Row& row, Place place)
{
    const bool destroys = effect_at(row, place) >= Effect::destroys;
    const bool loads_files = row.command == "schema-load" || row.command == "seed";
    return (destroys && (is_prod_unawares(place) || place == Place::broken)) ||
           (loads_files && is_prod_unawares(place)) ||
           (row.is_refused_on_protected && is_protected(place));
}

bool must_be_confirmed(const Row& row, Place place)
{
    return effect_at(row, place) >= (is_protected(place) ? Effect::disrupts : Effect::past_undo);
}

/// Only where profile and mark say so, and never to take protection away.
bool takes_id(const Row& row, Place place)
{
    return place == Place::unattended && row.command != "mark";
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
    case Answer::plan_id: // an unprotected target takes the phrase, and --dry-run gives no id
        return !is_protected(place) || takes_id(row, place) ? Expectation{0, true, false} : refused;
    case Answer::confirm:
        return is_protected(place) ? refused : Expectation{0, true, false};
    case Answer::typed_ahead:
        return {5, false, true};
    case Answer::terminal:
    case Answer::wrong_name:
        return {5, false, true};
    default:
        return refused;
    }
}

/// By day, of what is refused whatever is said: what would carry furthest elsewhere.
bool carries_far(Answer answer)
{
    return answer == Answer::pipe || answer == Answer::right_name || answer == Answer::plan_id ||
           answer == Answer::by_automation;
}

/// What reads or adds has no question that an answer could go to, and no plan's id; nor has what is
/// let through, but for an id that is stale.
bool is_worth_a_run(const Row& row, Place place, Answer answer)
{
    if (is_refused(row, place) && !carries_far(answer) && !is_nightly()) {
        return false;
    }
    const bool has_no_question = !is_refused(row, place) && !must_be_confirmed(row, place);
    if (answer == Answer::stale_id && effect_at(row, place) < Effect::disrupts) {
        return false;
    }
    if (is_prod_unawares(place) && place != Place::tunnel && row.effect != Effect::reads) {
        return answer == Answer::pipe ||
               (!has_no_question && (answer == Answer::right_name || answer == Answer::plan_id));
    }
    if (row.effect == Effect::reads) {
        return answer == Answer::closed;
    }
    return !has_no_question || answer == Answer::pipe || answer == Answer::closed ||
           answer == Answer::stale_id;
}

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
    GuardScene scene(place);
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

TEST_CASE("the guard's matrix: a mark that was restored with a dump of prod")
{
    run_column(Place::restored, "restored");
}

TEST_CASE("the guard's matrix: a mark on a server that was upgraded")
{
    run_column(Place::upgraded, "upgraded");
}

TEST_CASE("the guard's matrix: a mark below which somebody planted another one")
{
    run_column(Place::planted, "planted");
}

TEST_CASE("the guard's matrix: a protected profile and a mark that let scripts confirm")
{
    run_column(Place::unattended, "unattended");
}

TEST_CASE("the guard's matrix: a marker that cannot be read")
{
    run_column(Place::broken, "broken");
}
