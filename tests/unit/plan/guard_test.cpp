#include "plan/guard.hpp"

#include "plan/plan_id.hpp"
#include "support/text/text.hpp"

#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace crudctl::plan;

namespace {

/// A guard with somebody, or nobody, at a terminal.
struct Scene {
    explicit Scene(bool is_terminal, const std::string& typed = {})
        : in(typed), console(out, err, in, Terminal{is_terminal, is_terminal, is_terminal, 80})
    {}

    /// The exit code that judging ends with; `done` where there is a permit.
    ExitCode judge(const Plan& plan, const Circumstances& circumstances)
    {
        try {
            Guard(console).judge(plan, circumstances);
            return ExitCode::done;
        } catch (const Error& error) {
            message = error.what();
            hint = error.hint();
            return error.code();
        }
    }

    std::ostringstream out;
    std::ostringstream err;
    std::istringstream in;
    Console console;
    std::string message;
    std::string hint;
};

Plan plan_with(Effect effect)
{
    Plan plan;
    plan.command = "drop";
    plan.profile = "prod";
    plan.database = "cruddur";
    plan.target_text = "prod · cruddur · db";
    plan.effect = effect;
    plan.losses = {"database \"cruddur\" (7.5 MB)"};
    plan.takes_id = true;
    plan.id_lifetime = std::chrono::minutes(15);
    return plan;
}

Circumstances protected_target()
{
    Circumstances circumstances;
    circumstances.protection = "it is named \"prod\"";
    circumstances.profile_is_on_command_line = true;
    return circumstances;
}

} // namespace

TEST_CASE("nothing is asked on an unprotected target for what the class table lets through")
{
    for (const Effect effect : {Effect::reads, Effect::adds, Effect::disrupts, Effect::destroys}) {
        Scene scene(false);
        CHECK(scene.judge(plan_with(effect), {}) == ExitCode::done);
        CHECK(scene.err.str().empty());
    }
}

TEST_CASE("the phrase typed exactly lets a destructive plan through on a protected target")
{
    Scene scene(true, "cruddur@prod\n");
    CHECK(scene.judge(plan_with(Effect::destroys), protected_target()) == ExitCode::done);
    CHECK(scene.err.str().find("Type cruddur@prod") != std::string::npos);
    CHECK(scene.err.str().find("7.5 MB") != std::string::npos);
    CHECK(scene.err.str().find("undo       NO") != std::string::npos);
}

TEST_CASE("anything but the phrase stops a destructive plan on a protected target")
{
    const std::string typed = GENERATE(as<std::string>(), "y\n", "yes\n", "\n", "", "cruddur\n",
                                       "cruddur@local\n", "Cruddur@prod\n", "cruddur@prod \n",
                                       " cruddur@prod\n", "cruddur@prоd\n", "cruddur@prod\r\n");
    CAPTURE(typed);
    Scene scene(true, typed);
    CHECK(scene.judge(plan_with(Effect::destroys), protected_target()) == ExitCode::refused);
    CHECK(scene.message.find("nothing was changed") != std::string::npos);
}

TEST_CASE("without a terminal a protected target is not touched, whatever stdin and --confirm say")
{
    Circumstances circumstances = protected_target();
    SECTION("the phrase comes through a pipe")
    {
        Scene scene(false, "cruddur@prod\n");
        CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    }
    SECTION("--confirm fits")
    {
        circumstances.confirm = "cruddur@prod";
        Scene scene(false);
        CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    }
}

TEST_CASE(
    "the option --confirm answers at a terminal, and a wrong one is an error instead of a question")
{
    Circumstances circumstances = protected_target();
    circumstances.confirm = "cruddur@prod";
    Scene right(true);
    CHECK(right.judge(plan_with(Effect::destroys), circumstances) == ExitCode::done);
    circumstances.confirm = "cruddur@staging";
    Scene wrong(true, "cruddur@prod\n");
    CHECK(wrong.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    CHECK(wrong.err.str().find("Type") == std::string::npos);
}

TEST_CASE("with the plan's id the option --confirm answers where nobody can be asked")
{
    const Plan plan = plan_with(Effect::destroys);
    Circumstances circumstances = protected_target();
    circumstances.confirm = phrase_of(plan) + "#" + id_of(plan);
    const bool is_terminal = GENERATE(false, true);
    Scene right(is_terminal);
    CHECK(right.judge(plan, circumstances) == ExitCode::done);
    CHECK(right.err.str().find("target     prod") != std::string::npos);
    Plan other = plan;
    other.oid = "1";
    Scene wrong(is_terminal, "cruddur@prod\n");
    CHECK(wrong.judge(other, circumstances) == ExitCode::refused);
    CHECK(wrong.message.find("another plan") != std::string::npos);
    CHECK(wrong.err.str().empty());
    circumstances.confirm = "cruddur@staging#" + id_of(plan);
    CHECK(wrong.judge(plan, circumstances) == ExitCode::refused);
    CHECK(wrong.message.find("--confirm says") != std::string::npos);
}

TEST_CASE("an id is no answer where profile or mark don't let it be, and nothing teaches one")
{
    Plan plan = plan_with(Effect::destroys);
    Circumstances circumstances = protected_target();
    circumstances.confirm = phrase_of(plan) + "#" + id_of(plan);
    plan.takes_id = false;
    Scene scene(GENERATE(false, true), "cruddur@prod\n");
    CHECK(scene.judge(plan, circumstances) == ExitCode::refused);
    CHECK(scene.hint.empty());
    CHECK(scene.message.find("#") == std::string::npos);
    CHECK(scene.message.find("--dry-run") == std::string::npos);
    CHECK(scene.err.str().find("Type") == std::string::npos);
}

TEST_CASE("what takes protection away is typed by a person, whatever protects the target")
{
    const Plan plan = plan_with(Effect::disrupts);
    Circumstances circumstances;
    circumstances.needs_person = true;
    Scene nobody(false);
    CHECK(nobody.judge(plan, circumstances) == ExitCode::refused);
    Scene person(true, "cruddur@prod\n");
    CHECK(person.judge(plan, circumstances) == ExitCode::done);
    circumstances.confirm = phrase_of(plan);
    CHECK(nobody.judge(plan, circumstances) == ExitCode::refused);
    CHECK(person.judge(plan, circumstances) == ExitCode::done);
    circumstances.confirm = phrase_of(plan) + "#" + id_of(plan);
    CHECK(nobody.judge(plan, circumstances) == ExitCode::refused);
    CHECK(person.judge(plan, circumstances) == ExitCode::refused);
}

TEST_CASE("a terminal that a CI service or an agent gave is nobody's")
{
    Scene scene(true, "cruddur@prod\n");
    scene.console.set_automation("CLAUDECODE");
    Circumstances circumstances = protected_target();
    CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    CHECK(scene.message.find("CLAUDECODE is set") != std::string::npos);
    circumstances.confirm = "cruddur@prod";
    CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    circumstances.confirm = "cruddur@prod#" + id_of(plan_with(Effect::destroys));
    CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::done);
}

TEST_CASE("no refusal without a person names what would lift it")
{
    const Plan plan = plan_with(Effect::destroys);
    Circumstances circumstances = protected_target();
    SECTION("a lock")
    {
        circumstances.freeze = database::Freeze{"release", "a@b", ""};
    }
    SECTION("a marker that cannot be read")
    {
        circumstances.is_marker_broken = true;
    }
    SECTION("a same_database")
    {
        circumstances.same_database = "both";
    }
    SECTION("what is marked prod")
    {
        circumstances.is_marked_prod = true;
    }
    SECTION("a protected profile")
    {
        circumstances.is_profile_protected = true;
    }
    Scene nobody(false);
    CHECK(nobody.judge(plan, circumstances) == ExitCode::refused);
    for (const char* way : {"mark --", "--confirm", "protected = false", "--dry-run", "#ID"}) {
        CAPTURE(way);
        CHECK(nobody.hint.find(way) == std::string::npos);
        CHECK(nobody.message.find(way) == std::string::npos);
    }
}

TEST_CASE("where no word counts for a database, the refusal says that a person's would")
{
    Circumstances circumstances = protected_target();
    circumstances.lacks_word = true;
    Scene nobody(false);
    CHECK(nobody.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    CHECK(nobody.hint.find("at a terminal, by") != std::string::npos);
}

TEST_CASE("a wrong --confirm stops what would not even be asked")
{
    Scene scene(true);
    Circumstances unprotected;
    unprotected.confirm = "cruddur@staging";
    CHECK(scene.judge(plan_with(Effect::destroys), unprotected) == ExitCode::refused);
    CHECK(scene.judge(plan_with(Effect::adds), unprotected) == ExitCode::refused);
    unprotected.confirm = "cruddur@prod";
    CHECK(scene.judge(plan_with(Effect::destroys), unprotected) == ExitCode::done);
    unprotected.confirm = "cruddur@prod#0-000000000000";
    CHECK(scene.judge(plan_with(Effect::destroys), unprotected) == ExitCode::refused);
}

TEST_CASE("no id gets past what the rules refuse")
{
    const Plan plan = plan_with(Effect::destroys);
    Circumstances circumstances = protected_target();
    circumstances.confirm = phrase_of(plan) + "#" + id_of(plan);
    SECTION("a lock")
    {
        circumstances.freeze = database::Freeze{"release", "a@b", ""};
    }
    SECTION("a marker that cannot be read")
    {
        circumstances.is_marker_broken = true;
    }
    SECTION("a profile from the environment")
    {
        circumstances.profile_is_on_command_line = false;
    }
    SECTION("an unprotected profile for what a protected one means")
    {
        circumstances.same_database = "both";
    }
    Scene scene(false);
    CHECK(scene.judge(plan, circumstances) == ExitCode::refused);
}

TEST_CASE("the screen keeps its layout at any width, and whatever the server's texts hold")
{
    Circumstances circumstances = protected_target();
    circumstances.facts = {{"sessions", "flask (2)\n  undo       yes: all is well"},
                           {"standbys", std::string(2000, 'x')}};
    Plan plan = plan_with(Effect::destroys);
    plan.undo_reaches = true;
    Scene scene(true, "no\n");
    CHECK(scene.judge(plan, circumstances) == ExitCode::refused);
    std::istringstream lines(scene.err.str());
    std::size_t count = 0;
    std::size_t undo_lines = 0;
    for (std::string line; std::getline(lines, line) && !line.starts_with("Type "); ++count) {
        CAPTURE(line);
        CHECK(display_width(line) <= 80);
        undo_lines += line.starts_with("  undo ") ? 1 : 0;
    }
    CHECK(count < 15);
    CHECK(undo_lines == 1);
    CHECK(scene.err.str().find("flask (2)\\x0a") != std::string::npos);
    CHECK(scene.err.str().find("undo is no backup") != std::string::npos);
}

TEST_CASE("a protected profile that only the environment names is refused")
{
    Circumstances circumstances = protected_target();
    circumstances.profile_is_on_command_line = false;
    Scene scene(true, "cruddur@prod\n");
    CHECK(scene.judge(plan_with(Effect::destroys), circumstances) == ExitCode::refused);
    CHECK(scene.message.find("command line") != std::string::npos);
}

TEST_CASE("what only adds is noted on a protected target, and not asked")
{
    Scene scene(false);
    CHECK(scene.judge(plan_with(Effect::adds), protected_target()) == ExitCode::done);
    CHECK(scene.err.str().find("is protected") != std::string::npos);
}

TEST_CASE("files that only add do not go where a profile was not meant to lead, marks do")
{
    Circumstances circumstances;
    SECTION("a same_database")
    {
        circumstances.same_database = "both";
    }
    SECTION("what is marked prod")
    {
        circumstances.is_marked_prod = true;
    }
    Scene scene(false);
    Plan plan = plan_with(Effect::adds);
    plan.steps = {WriteMarker{}};
    CHECK(scene.judge(plan, circumstances) == ExitCode::done);
    RunPsql psql;
    psql.files = {{"a.sql", "a.sql"}};
    plan.steps.emplace_back(psql);
    CHECK(scene.judge(plan, circumstances) == ExitCode::refused);
    CHECK(scene.message.find("nothing was changed") != std::string::npos);
}

TEST_CASE("what may be somebody's database is confirmed by its full name, and by nothing else")
{
    database::Copy copy;
    copy.name = "cruddur__prev_20261124T091500_1f0c";
    copy.owner = "mallory";
    Plan plan = plan_with(Effect::destroys);
    plan.unproven = {copy};
    Circumstances circumstances;
    circumstances.confirm = phrase_of(plan);
    Scene nobody(false);
    CHECK(nobody.judge(plan, circumstances) == ExitCode::refused);
    Scene phrase(true, phrase_of(plan) + "\n");
    CHECK(phrase.judge(plan, circumstances) == ExitCode::refused);
    Scene name(true, copy.name + "\n");
    CHECK(name.judge(plan, circumstances) == ExitCode::done);
}

TEST_CASE("what no copy brings back wants the phrase on an unprotected target too")
{
    Scene typed(true, "cruddur@prod\n");
    CHECK(typed.judge(plan_with(Effect::past_undo), {}) == ExitCode::done);
    Scene nobody(false);
    CHECK(nobody.judge(plan_with(Effect::past_undo), {}) == ExitCode::refused);
    Circumstances confirmed;
    confirmed.confirm = "cruddur@prod";
    CHECK(nobody.judge(plan_with(Effect::past_undo), confirmed) == ExitCode::done);
}

TEST_CASE("a database's name cannot rewrite the question with control characters")
{
    Plan plan = plan_with(Effect::destroys);
    plan.database = "x\r\x1b[2Klocal";
    Scene scene(true, "no\n");
    CHECK(scene.judge(plan, protected_target()) == ExitCode::refused);
    CHECK(scene.err.str().find('\r') == std::string::npos);
    CHECK(scene.err.str().find("\x1b[2K") == std::string::npos);
}

TEST_CASE("the live server protects a target whose profile is silent")
{
    database::Survey survey;
    CHECK_FALSE(protection_of({}, false, survey).has_value());
    survey.managed_roles = "rds_superuser";
    CHECK(protection_of({}, false, survey).has_value());
    CHECK_FALSE(protection_of({}, true, survey).has_value());
    survey.managed_roles.clear();
    survey.address = "203.0.113.7";
    CHECK(protection_of({}, false, survey).has_value());
    survey.address = "10.0.3.7";
    CHECK_FALSE(protection_of({}, false, survey).has_value());
    survey.comment.is_marker_broken = true; // nobody knows what it said
    CHECK(protection_of({}, false, survey).has_value());
    CHECK(protection_of({}, true, survey).has_value());
    CHECK(protection_of(std::string("it says so"), false, survey) == "it says so");
}

namespace {

/// A database on a managed service, with this comment.
database::Survey managed(const std::string& comment)
{
    database::Survey survey;
    survey.exists = true;
    survey.oid = "16384";
    survey.identity = "761";
    survey.managed_roles = "rds_superuser";
    survey.comment = database::parse_comment(comment);
    return survey;
}

std::string mark_of(const std::string& environment, const std::string& said_by,
                    const std::string& oid = "16384")
{
    return R"(crudctl: {"environment":")" + environment + R"(",)" +
           (said_by.empty() ? "" : R"("said_by":")" + said_by + R"(",)") +
           R"("server":"761","oid":")" + oid + R"("})";
}

} // namespace

TEST_CASE("a mark that says prod protects, whichever database or server it was written for")
{
    database::Survey survey = managed(mark_of("prod", "person", "1"));
    survey.managed_roles.clear();
    CHECK(protection_of({}, true, survey).value_or("").find("restored") != std::string::npos);
    survey.comment =
        database::parse_comment(mark_of("prod", "person") + "\n" + mark_of("dev", "person"));
    CHECK(protection_of({}, true, survey).has_value());
    survey.comment = database::parse_comment(mark_of("dev", "person", "1"));
    CHECK_FALSE(protection_of({}, true, survey).has_value());
}

TEST_CASE("protected = false lifts only what a person, or the run that made it, says is harmless")
{
    constexpr bool declared_false = true;
    CHECK_FALSE(protection_of({}, declared_false, managed(mark_of("dev", "person"))));
    CHECK_FALSE(protection_of({}, declared_false, managed(mark_of("staging", "run"))));
    CHECK(protection_of({}, declared_false, managed(mark_of("dev", "")))); // of version 0.1.0
    CHECK(protection_of({}, declared_false, managed(mark_of("dev", "person", "1"))));
    CHECK(protection_of({}, declared_false, managed("")));
    CHECK(protection_of({}, false, managed(mark_of("dev", "person"))));
    database::Survey missing = managed("");
    missing.exists = false;
    CHECK_FALSE(protection_of({}, declared_false, missing));
}
