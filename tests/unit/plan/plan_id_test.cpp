#include "plan/plan_id.hpp"

#include "support/temp_folder.hpp"

#include <functional>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::plan;
using tests::TempFolder;

namespace {

constexpr const char* noon = "2026-11-24T12:00:00.000Z";

Plan drop_plan()
{
    Plan plan;
    plan.command = "drop";
    plan.profile = "prod";
    plan.database = "cruddur";
    plan.target_text = "prod · cruddur · postgres@db:5432 · from PROD_CONNECTION_URL";
    plan.effect = Effect::destroys;
    plan.now = noon;
    plan.server_identity = "7612345678901234567";
    plan.oid = "16384";
    plan.marker_line = "crudctl: {\"environment\":\"prod\"}";
    plan.losses = {"database \"cruddur\" (7.5 MB)"};
    plan.undo_reaches = true;
    plan.takes_id = true;
    plan.id_lifetime = std::chrono::minutes(15);
    plan.steps = {LockTarget{"cruddur", "16384", {}, {}, {}}, SetAside{"cruddur"}};
    return plan;
}

Plan load_plan(const TempFolder& folder, const script::ScriptSettings& settings = {})
{
    Plan plan = drop_plan();
    LoadScripts load;
    load.script = std::make_shared<const script::Script>(
        script::read_script({{folder / "a.sql", "a.sql"}}, settings));
    plan.steps = {load};
    return plan;
}

std::string objection(const std::string& id, const Plan& plan)
{
    return objection_to(id, plan).value_or("");
}

bool has_text(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a plan's id lets the same plan through for as long as the profile says")
{
    Plan plan = drop_plan();
    const std::string id = id_of(plan);
    CHECK(objection(id, plan).empty());
    plan.now = "2026-11-24T12:14:59.900Z";
    CHECK(objection(id, plan).empty());
    plan.now = "2026-11-24T12:15:01.000Z";
    CHECK(has_text(objection(id, plan), "stale"));
    plan.id_lifetime = std::chrono::hours(1);
    CHECK(objection(id, plan).empty());
    plan.now = "2026-11-24T11:50:00.000Z";
    CHECK(has_text(objection(id, plan), "stale"));
}

TEST_CASE("another time in front of an id makes it another plan's")
{
    Plan plan = drop_plan();
    const std::string id = id_of(plan);
    plan.now = "2026-11-24T12:30:00.000Z";
    const std::string later = id_of(plan);
    CHECK(later.substr(later.find('-')) != id.substr(id.find('-')));
    const std::string renewed = later.substr(0, later.find('-')) + id.substr(id.find('-'));
    CHECK(has_text(objection(renewed, plan), "another plan"));
}

TEST_CASE("an id is used up by one run, and another one of the same plan is not")
{
    Plan plan = drop_plan();
    const std::string id = id_of(plan);
    plan.used_ids = {id};
    CHECK(has_text(objection(id, plan), "used before"));
    plan.now = "2026-11-24T12:00:01.000Z";
    CHECK(objection(id_of(plan), plan).empty());
}

TEST_CASE("used ids are kept for as long as any id may hold")
{
    const std::string id = id_of(drop_plan());
    const std::vector<std::string> ids = {id, "not an id"};
    CHECK(still_valid(ids, noon) == std::vector<std::string>{id});
    CHECK(still_valid(ids, "2026-11-25T11:59:59.000Z") == std::vector<std::string>{id});
    CHECK(still_valid(ids, "2026-11-25T12:02:00.000Z").empty());
}

TEST_CASE("a plan that takes no id has none, and none lets it through")
{
    const TempFolder folder;
    const auto file = folder.write("a.sql", "select 1;");
    Plan plan = drop_plan();
    const std::string id = id_of(plan);
    SECTION("since profile or mark don't let it")
    {
        plan.takes_id = false;
    }
    SECTION("since nobody knows what psql will read")
    {
        plan.steps.emplace_back(RunPsql{ScriptKind::schema, {{file, "a.sql"}}, {"1"}, {}, false});
    }
    CHECK(id_of(plan).empty());
    CHECK(has_text(objection(id, plan), "takes none"));
    CHECK(to_text(plan).find("--confirm") == std::string::npos);
    CHECK(to_json(plan).find("confirm") == std::string::npos);
}

TEST_CASE("what differs from one look to the next leaves a plan's id as it is")
{
    const std::string digest = digest_of(drop_plan());
    Plan later = drop_plan();
    later.now = "2026-11-24T12:05:00.000Z";
    later.losses = {"database \"cruddur\" (7.6 MB)"};
    CHECK(digest_of(later) == digest);
    database::Marker marker;
    marker.built = database::Build{noon, "andrew@mac", "0123456789", {}};
    Plan builds = drop_plan();
    builds.steps.emplace_back(TakeName{"cruddur", {}, marker});
    const std::string built = digest_of(builds);
    std::get<TakeName>(builds.steps.back()).marker.built->at = "2026-11-24T12:05:00.000Z";
    CHECK(digest_of(builds) == built);
}

TEST_CASE("an id is of one plan alone: whatever makes it another one is found")
{
    const std::vector<std::function<void(Plan&)>> changes = {
        [](Plan& plan) { plan.command = "setup"; },
        [](Plan& plan) { plan.profile = "staging"; },
        [](Plan& plan) { plan.database = "cruddur2"; },
        [](Plan& plan) { plan.target_text += "2"; },
        [](Plan& plan) { plan.server_identity = "1"; },
        [](Plan& plan) { plan.oid = "16385"; },
        [](Plan& plan) { plan.marker_line.clear(); },
        [](Plan& plan) { plan.effect = Effect::past_undo; },
        [](Plan& plan) { plan.undo_reaches = false; },
        [](Plan& plan) { plan.steps.pop_back(); },
        [](Plan& plan) {
            plan.steps.back() = DropDatabase{"cruddur", "1", {}};
        },
        [](Plan& plan) { plan.steps.emplace_back(RunChecks{{"select true"}}); },
        [](Plan& plan) {
            plan.steps.emplace_back(DropCopies{{database::Copy{}}, false});
        },
    };
    const std::string id = id_of(drop_plan());
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        Plan plan = drop_plan();
        changes[i](plan);
        CHECK(has_text(objection(id, plan), "another plan"));
    }
}

TEST_CASE("the content of the files is part of an id, and so is a value of --set that they use")
{
    const TempFolder folder;
    folder.write("a.sql", "delete from users where name = :'name';\n");
    script::ScriptSettings brown;
    brown.variables.set("name", "brown");
    script::ScriptSettings bayko;
    bayko.variables.set("name", "bayko");
    const std::string id = id_of(load_plan(folder, brown));
    CHECK(objection(id, load_plan(folder, brown)).empty());
    CHECK_FALSE(objection(id, load_plan(folder, bayko)).empty());
    folder.write("a.sql", "delete from users where name = :'name' ;\n");
    CHECK_FALSE(objection(id, load_plan(folder, brown)).empty());
}

TEST_CASE("neighbouring texts of a plan are not taken for each other's parts")
{
    Plan one = drop_plan();
    one.profile = "prod1";
    one.database = "2";
    Plan other = drop_plan();
    other.profile = "prod";
    other.database = "12";
    CHECK(digest_of(one) != digest_of(other));
}

TEST_CASE("what is no plan's id is said to be none")
{
    const Plan plan = drop_plan();
    const std::string id = id_of(plan);
    const std::string text = GENERATE_COPY(
        as<std::string>(), "", "-", "x", digest_of(plan), "-" + digest_of(plan), id + "0",
        id.substr(1 + id.find('-')) + "-", " " + id, id + "\n", "0" + id,
        "ZZZZZZ-" + digest_of(plan), "+" + id, "zzzzzzzzzzzzzzzzz-" + digest_of(plan));
    CAPTURE(text);
    CHECK(has_text(objection(text, plan), "no plan's id"));
}

TEST_CASE("a plan that only adds has no id, nor has one whose target nobody could look at")
{
    Plan plan = drop_plan();
    plan.effect = Effect::adds;
    CHECK(id_of(plan).empty());
    Plan unseen = drop_plan();
    unseen.preparations = {"start the project's own Postgres server"};
    CHECK(id_of(unseen).empty());
    CHECK_FALSE(objection(id_of(drop_plan()), unseen).empty());
}
