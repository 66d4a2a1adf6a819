#pragma once

#include "cli/database_project.hpp"
#include "commands/lambda/templates.hpp"
#include "plan/plan.hpp"
#include "support/proxy.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::tests {

enum class Place {
    local,      // marked dev
    prod,       // of a protected profile, marked prod
    unmarked,   // nobody said what it is
    mismatched, // with a marker that says dev, of another server's database
    tunnel,     // of an unprotected profile through another port, marked prod
    broken,     // whose marker cannot be read
    restored,   // of an unprotected profile, with a mark that says prod, of another database
    upgraded,   // the same of another server
    planted,    // marked prod, with a line below that says dev
    unattended, // of a protected profile that confirms by a plan, and so does the mark
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
    typed_ahead,  // the right name before there is a question
    by_automation // the right name at a terminal that an agent has
};

/// One way to use a command; PROFILE, DATABASE and COPY stand for those of the place.
struct Row {
    std::string command;
    std::vector<std::string> arguments;
    plan::Effect effect = plan::Effect::reads;
    /// Where a protected target is concerned, if that is another one: taking protection away.
    std::optional<plan::Effect> on_protected = {};
    bool is_refused_on_protected = false;
    bool changes_nothing = false;
};

/// A database as it is at a place, put back whenever a run changed it.
class GuardScene {
public:
    explicit GuardScene(Place place) : m_place(place), m_admin(TestCluster::running().info())
    {
        project.project.write("sql/schema.sql", "create table users (id int);\n");
        project.project.write("sql/seed.sql", "insert into users values (7);\n");
        project.project.write("sql/queries/reads.sql", "select 1");
        project.project.write("sql/queries/adds.sql", "insert into users values (2)");
        project.project.write("sql/queries/destroys.sql", "delete from users");
        project.project.write("sql/adds.sql", "create table extra (id int);\n");
        project.project.write("sql/destroys.sql", "delete from users;\n");
        project.project.write("sql/queries/users/create.sql", "insert into users values (8);\n");
        project.project.write("sql/event.json", commands::templates::post_confirmation_json);
        pg::Connection(project.database.info()).exec("create table users (id int)");
        pg::Connection(project.database.info()).exec("insert into users values (1)");
        m_admin.exec(fmt::format("create database {} template {}", pattern(), name()));
        point_profile();
        restore();
    }

    std::string profile() const { return has_protected_profile() ? "prod" : "local"; }
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
        case Answer::typed_ahead:
            return ahead_of_question(call, asks, phrase() + "\n");
        case Answer::by_automation:
            return at_terminal(call.with_variable("CLAUDECODE", "1"), asks, phrase() + "\n");
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
        comment(copy(), copy_marker());
    }

    DatabaseProject project;

private:
    bool has_protected_profile() const
    {
        return m_place == Place::prod || m_place == Place::unattended;
    }
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
        const bool is_prod = has_protected_profile();
        if (m_place == Place::unattended) { // its profile comes last
            std::ofstream(project.project.root() / "crudctl.toml", std::ios::app)
                << "confirm = \"plan\"\n";
        }
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
            return of("dev", "1");
        case Place::restored:
            return of("prod", "1");
        case Place::upgraded:
            return fmt::format(R"(crudctl: {{"environment":"prod","server":"1","oid":"{}"}})",
                               oid());
        case Place::planted:
            return of("prod", oid()) + "\n" + of("dev", oid());
        case Place::unattended:
            return fmt::format(
                R"(crudctl: {{"environment":"prod","said_by":"person","confirm":"plan","oid":"{}"}})",
                oid());
        case Place::broken:
            return R"(crudctl: {"environment":)";
        case Place::unmarked:
            break;
        }
        return "";
    }

    /// As a run writes it.
    std::string copy_marker()
    {
        return fmt::format(
            R"(crudctl: {{"server":"{}","oid":"{}","built":{{}},"stands_in":{{)"
            R"("kind":"previous","name":"{}","for":"{}",)"
            R"("at":"2026-01-01T00:00:00.000Z","by":"setup"}}}})",
            m_admin.exec("select system_identifier from pg_control_system()").scalar().value_or(""),
            oid_of(copy()), copy(), name());
    }

    std::string oid() { return oid_of(name()); }
    std::string oid_of(const std::string& database)
    {
        return m_admin.exec("select oid from pg_database where datname = $1", database)
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
        if (!document.contains("confirm")) { // no id would do
            return answer == Answer::stale_id ? phrase() + "#1-000000000000" : phrase();
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

    static int ahead_of_question(const CliCall& call, bool asks, const std::string& keys)
    {
        TerminalCall terminal = call.with_terminal();
        terminal.type(keys);
        if (asks) {
            terminal.expect("Type ").type("\x04");
        }
        return terminal.result().exit_code;
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

} // namespace crudctl::tests
