#include "cli/command_line.hpp"
#include "cli/complete.hpp"
#include "commands/registry.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace crudctl;
using cli::parse_command_line;

namespace {

/// Message and hint of a usage error; fails the test where the words are taken.
std::string refusal_of(const std::vector<std::string>& arguments)
{
    try {
        parse_command_line(arguments);
    } catch (const Error& error) {
        CHECK(error.code() == ExitCode::usage);
        return std::string(error.what()) + " | " + error.hint();
    }
    FAIL("taken");
    return {};
}

bool has_text(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("every command answers to its name and to each alias")
{
    for (const auto& entry : commands::registry()) {
        std::vector<std::string> names = entry.aliases;
        names.push_back(entry.name);
        for (const std::string& name : names) {
            CAPTURE(name);
            std::vector<std::string> words = {name};
            if (entry.name == "server" || entry.name == "rds") {
                words.emplace_back("status");
            }
            if (entry.name == "save" || entry.name == "sql") {
                words.emplace_back("demo");
            }
            CHECK(parse_command_line(words).invocation->command == entry.name);
        }
    }
}

TEST_CASE("only what its class says may be planned: a reading command can destroy nothing")
{
    using commands::CommandClass;
    CHECK(commands::worst_effect(CommandClass::reads) == plan::Effect::reads);
    CHECK(commands::worst_effect(CommandClass::adds) == plan::Effect::adds);
    CHECK(commands::worst_effect(CommandClass::none) == plan::Effect::reads);
    CHECK(commands::worst_effect(CommandClass::by_file) == plan::Effect::destroys);
    CHECK(commands::registered("status").command_class == CommandClass::reads);
    CHECK(commands::registered("setup").command_class == CommandClass::destroys);
    CHECK_THROWS_AS(commands::registered("nothing"), std::logic_error);
}

TEST_CASE("the scripts' names are aliases")
{
    for (const char* script : {"db-connect", "db-create", "db-drop", "db-schema-load", "db-seed",
                               "db-sessions", "db-setup"}) {
        CAPTURE(script);
        CHECK_NOTHROW(parse_command_line({script}));
    }
}

TEST_CASE("global options stand before or behind the command")
{
    const auto before = parse_command_line({"--json", "-d", "x", "sessions", "prod"});
    const auto behind = parse_command_line({"sessions", "prod", "--json", "-d", "x"});
    for (const auto* parsed : {&before, &behind}) {
        CHECK(parsed->invocation->options.json);
        CHECK(parsed->invocation->options.database == "x");
        CHECK(parsed->invocation->options.profile == "prod");
    }
}

TEST_CASE("the profile is named once, or twice the same")
{
    CHECK(parse_command_line({"setup", "prod", "-p", "prod"}).invocation->options.profile ==
          "prod");
    CHECK(has_text(refusal_of({"setup", "prod", "-p", "local"}), "two profiles"));
    CHECK(has_text(refusal_of({"setup", "--profile", ""}), "empty"));
}

TEST_CASE("the option --wait takes its time only after an equals sign")
{
    CHECK(parse_command_line({"setup", "--wait", "prod"}).invocation->options.profile == "prod");
    CHECK(parse_command_line({"setup", "--wait"}).invocation->options.wait ==
          std::chrono::seconds(60));
    CHECK(parse_command_line({"setup", "--wait=2m"}).invocation->options.wait ==
          std::chrono::seconds(120));
    CHECK(has_text(refusal_of({"setup", "--wait=soon"}), "not a time"));
    CHECK(has_text(refusal_of({"--wait", "setup", "--wait=5s"}), "two times"));
    CHECK(has_text(refusal_of({"setup", "--wait=99999h"}), "not a time"));
}

TEST_CASE("what stands behind -- belongs to psql alone")
{
    const auto parsed = parse_command_line({"connect", "prod", "--", "-c", "select 1", "--json"});
    CHECK(parsed.invocation->rest == std::vector<std::string>{"-c", "select 1", "--json"});
    CHECK_FALSE(parsed.invocation->options.json);
    CHECK(parse_command_line({"connect", "--", "-l"}).invocation->options.profile == std::nullopt);
    CHECK(has_text(refusal_of({"sessions", "--", "-c"}), "psql"));
}

TEST_CASE("a typo is answered with the word that was meant")
{
    CHECK(has_text(refusal_of({"sesions"}), "did you mean \"sessions\"?"));
    CHECK(has_text(refusal_of({"setup", "--dryrun"}), "did you mean \"--dry-run\"?"));
    CHECK(has_text(refusal_of({"setup", "--lock-timout", "3"}), "\"--lock-timeout\""));
    CHECK(has_text(refusal_of({"setup", "--jobs", "none"}), "--jobs takes a number, not \"none\""));
    CHECK(has_text(refusal_of({"seed", "--upsert=users_key"}),
                   "--upsert takes no value, but was given \"users_key\""));
    CHECK(has_text(refusal_of({"seed", "--upsert=users_key"}), "crudctl seed --help"));
    CHECK(has_text(refusal_of({"--verbose=much", "setup"}), "--verbose takes no value"));
    CHECK(has_text(refusal_of({"frobnicate"}), "crudctl --help"));
    CHECK(has_text(refusal_of({"server", "strat"}), "server has no action \"strat\""));
    CHECK(has_text(refusal_of({"server", "strat"}), "did you mean \"start\"?"));
    CHECK(has_text(refusal_of({"server", "start", "prod"}), "unexpected argument \"prod\""));
}

TEST_CASE("another tool's words are answered with crudctl's")
{
    const std::vector<std::pair<std::string, std::string>> examples = {
        {"migrate", "schema-load"}, {"prepare", "ensure"}, {"console", "connect"},
        {"dbconsole", "connect"},   {"kill", "sessions"},  {"db:rollback", "undo"},
        {"db-console", "connect"}};
    for (const auto& [word, command] : examples) {
        CAPTURE(word);
        CHECK(has_text(refusal_of({word}), "did you mean \"" + command + "\"?"));
    }
    CHECK(has_text(refusal_of({"dump"}), "pg_dump \"$(crudctl url)\""));
    CHECK(parse_command_line({"reset"}).invocation->command == "setup");
    CHECK(parse_command_line({"psql"}).invocation->command == "connect");
}

TEST_CASE("a colon in a command is a hyphen, as rake has it")
{
    const auto command = [](const std::vector<std::string>& words) {
        return parse_command_line(words).invocation->command;
    };
    CHECK(command({"db:setup", "prod"}) == "setup");
    CHECK(command({"db:schema:load"}) == "schema-load");
    CHECK(command({"-q", "db:seed"}) == "seed");
    CHECK(command({"db:reset"}) == "setup");
    CHECK(parse_command_line({"-d", "db:x", "sessions"}).invocation->options.database == "db:x");
    CHECK(parse_command_line({"query", "db:seed"}).invocation->command == "query");
    CHECK(has_text(refusal_of({"db:setpu"}), "did you mean \"db-setup\"?"));
}

TEST_CASE("help and version are words, too")
{
    CHECK(parse_command_line({"help"}).text == parse_command_line({"--help"}).text);
    CHECK(parse_command_line({"help", "setup"}).text ==
          parse_command_line({"setup", "--help"}).text);
    CHECK(parse_command_line({"help", "db:drop"}).text ==
          parse_command_line({"drop", "--help"}).text);
    CHECK(has_text(refusal_of({"help", "sesions"}), "did you mean \"sessions\"?"));
    for (const char* word : {"version", "-V"}) {
        CHECK(parse_command_line({word}).text == parse_command_line({"--version"}).text);
    }
}

TEST_CASE("what a command lacks is named, with an example")
{
    CHECK(has_text(refusal_of({"save"}), "save needs a name"));
    CHECK(has_text(refusal_of({"save"}), "crudctl save before-demo"));
    CHECK(has_text(refusal_of({"sql"}), "sql needs SQL: one statement"));
    CHECK(has_text(refusal_of({"lambda", "invoke"}), "lambda invoke needs EVENT: a JSON file"));
    CHECK(has_text(refusal_of({"setup", "--profile"}), "--profile needs NAME"));
    CHECK(has_text(refusal_of({"copies", "--prune", "--older-than", "3"}), "a unit"));
}

TEST_CASE("the usage shows every argument")
{
    const auto usage = [](const std::vector<std::string>& words) {
        const std::string text = parse_command_line(words).text;
        const auto begin = text.find("usage:");
        return text.substr(begin, text.find("\n\n", begin) - begin);
    };
    CHECK(has_text(usage({"help", "setup"}), "crudctl setup [PROFILE] [options]"));
    CHECK(has_text(usage({"help", "save"}), "crudctl save [NAME] [options]"));
    CHECK(has_text(usage({"help", "sql"}), "crudctl sql SQL [KEY=VALUE …] [options]"));
    CHECK(has_text(usage({"help", "query"}), "crudctl query [NAME] [KEY=VALUE …] [options]"));
    CHECK(has_text(usage({"help", "connect"}), "[PROFILE] [options] [-- psql arguments]"));
    CHECK(has_text(usage({"help", "lambda"}), "crudctl lambda invoke EVENT [options]"));
    CHECK(has_text(usage({"help", "server"}), "crudctl server delete [options]"));
}

TEST_CASE("wrong words are usage errors")
{
    CHECK(has_text(refusal_of({"setup", "local", "more"}), "unexpected argument \"more\""));
    CHECK(has_text(refusal_of({"setup", "-d"}), "--database"));
    CHECK(has_text(refusal_of({"-d", "a", "-d", "b", "setup"}), "--database"));
    CHECK(has_text(refusal_of({"setup", "--seed", "--no-seed"}), "--seed"));
    CHECK(has_text(refusal_of({"-q", "-v", "setup"}), "--quiet"));
    CHECK(has_text(refusal_of({"server"}), "needs an action"));
    CHECK(has_text(refusal_of({"--color=red", "setup"}), "auto, always or never"));
}

TEST_CASE("a program that says yes to everything is told that nothing takes it")
{
    for (const char* flag : {"--yes", "-y", "--force", "-f", "--yes=true", "--auto-approve",
                             "--no-input", "--accept-data-loss"}) {
        for (const char* command : {"setup", "drop", "undo"}) {
            CAPTURE(flag, command);
            CHECK(has_text(refusal_of({command, flag}), "no way to say yes"));
            CHECK(has_text(refusal_of({command, flag}), "--confirm"));
        }
    }
}

TEST_CASE("help needs no configuration, fits a page of 80 columns, and has an example")
{
    std::vector<std::vector<std::string>> calls = {{"--help"}};
    for (const auto& entry : commands::registry()) {
        calls.push_back({entry.name, "--help"});
    }
    for (const auto& call : calls) {
        const std::string text = parse_command_line(call).text;
        CAPTURE(call.front());
        CHECK(has_text(text, "xample"));
        // The list of commands grows by a line for each.
        const std::size_t most = call.front() == "--help" ? 40 + commands::registry().size() : 60;
        CHECK(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) <= most);
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            CHECK(display_width(line) <= 80);
        }
    }
}

TEST_CASE("the help of a command tells what its words are")
{
    const std::string help = parse_command_line({"query", "--help"}).text;
    CHECK(has_text(help, "\nArguments\n  NAME "));
    CHECK(has_text(help, "KEY=@FILE"));
    CHECK_FALSE(has_text(parse_command_line({"status", "--help"}).text, "Arguments"));
}

TEST_CASE("the help's example of each command is a command line that parses")
{
    for (const auto& entry : commands::registry()) {
        std::istringstream words(entry.example.substr(entry.example.find("crudctl") + 7));
        std::vector<std::string> arguments;
        for (std::string word; words >> std::quoted(word, '\'', '\\');) {
            const bool is_substituted = word.ends_with(')') && !word.ends_with("()");
            arguments.push_back(is_substituted ? word.substr(0, word.size() - 1) : word);
        }
        CAPTURE(entry.example);
        CHECK(parse_command_line(arguments).invocation->command == entry.name);
    }
}

TEST_CASE("the version names libpq's and the compiler's")
{
    const std::string text = parse_command_line({"--version"}).text;
    CHECK(has_text(text, "crudctl "));
    CHECK(has_text(text, "libpq "));
}

TEST_CASE("completion offers every command, option and profile of the configuration at hand")
{
    const auto profiles = [] { return std::vector<std::string>{"local", "prod"}; };
    const auto queries = [] { return std::vector<std::string>{"users/create", "users/show"}; };
    const std::string commands_offered = cli::completions({""}, profiles, queries);
    for (const auto& entry : commands::registry()) {
        CHECK(has_text(commands_offered, entry.name + "\t" + entry.summary));
        for (const std::string& alias : entry.aliases) {
            CHECK(
                has_text(cli::completions({alias.substr(0, 4)}, profiles, queries), alias + "\t"));
        }
    }
    CHECK(cli::completions({"setup", "p"}, profiles, queries) == "prod\tprofile\n");
    CHECK(cli::completions({"setup", "prod", ""}, profiles, queries).empty());
    CHECK(cli::completions({"-p", ""}, profiles, queries) == "local\tprofile\nprod\tprofile\n");
    CHECK(has_text(cli::completions({"setup", "--"}, profiles, queries), "--no-seed\t"));
    CHECK(has_text(cli::completions({"setup", "--"}, profiles, queries), "--dry-run\t"));
    CHECK(has_text(cli::completions({"server", "st"}, profiles, queries), "start\t"));
    CHECK(cli::completions({"query", "users/s"}, profiles, queries) == "users/show\tquery\n");
    CHECK(cli::completions({"-p", "prod", "query", ""}, profiles, queries) ==
          "users/create\tquery\nusers/show\tquery\n");
    CHECK(cli::completions({"query", "users/show", ""}, profiles, queries).empty());
    CHECK(has_text(cli::completions({"query", "--"}, profiles, queries), "--null\t"));
    CHECK(cli::completions({"--color", "a"}, profiles, queries) == "auto\t\nalways\t\n");
    CHECK(cli::completions({"--config", ""}, profiles, queries).empty());
    CHECK(cli::completions({"--json", "ses"}, profiles, queries).starts_with("sessions\t"));
}
