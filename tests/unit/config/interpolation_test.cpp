#include "unit/config/fixture.hpp"

#include "config/file/interpolation.hpp"

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

std::string expanded(std::string_view text, test::Variables variables,
                     Encoding encoding = Encoding::literal)
{
    return expand(text, "crudctl.toml:1:1", encoding,
                  config::Variables(Environment(std::move(variables)), {}))
        .text;
}

Failure expansion_failure(std::string_view text, test::Variables variables = {},
                          Encoding encoding = Encoding::literal)
{
    return failure_of([&] { expanded(text, std::move(variables), encoding); });
}

} // namespace

TEST_CASE("variables and defaults are expanded", "[config]")
{
    CHECK(expanded("${A}", {{"A", "x"}}) == "x");
    CHECK(expanded("a ${A} b ${B}", {{"A", "x"}, {"B", "y"}}) == "a x b y");
    CHECK(expanded("${A:-d}", {{"A", "x"}}) == "x");
    CHECK(expanded("${A:-d}", {}) == "d");
    CHECK(expanded("${A:-}", {}).empty());
    CHECK(expanded("${A:-a:-b}", {}) == "a:-b");
}

TEST_CASE("an empty variable counts as unset", "[config]")
{
    CHECK(expanded("${A:-d}", {{"A", ""}}) == "d");
    CHECK(expansion_failure("${A}", {{"A", ""}}).code == ExitCode::configuration);
}

TEST_CASE("a dollar sign without a brace stands for itself", "[config]")
{
    CHECK(expanded("$A $$ $1 a$", {{"A", "x"}}) == "$A $$ $1 a$");
}

TEST_CASE("a value is never looked at again", "[config]")
{
    CHECK(expanded("${A}", {{"A", "${B}"}, {"B", "x"}}) == "${B}");
    CHECK(expanded("${A}${B}", {{"A", "${"}, {"B", "B}"}}) == "${B}");
    CHECK(expanded("${A}", {{"A", "\"'\n@:/?#%\\"}}) == "\"'\n@:/?#%\\");
}

TEST_CASE("an unset variable is refused with its place and the nearest one", "[config]")
{
    const Failure failure = expansion_failure("${DB_PASWORD}", {{"DB_PASSWORD", canary}});
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "crudctl.toml:1:1: the variable \"DB_PASWORD\" is not set");
    CHECK(failure.hint == "did you mean \"DB_PASSWORD\"?");
    CHECK(expansion_failure("${DB_PASSWORD}").hint ==
          "set DB_PASSWORD in the environment or in .env");
}

TEST_CASE("malformed variables are refused, each by its reason", "[config]")
{
    const auto [text, reason] = GENERATE(table<std::string, std::string>({
        {"${A${B}}", "variables cannot be nested"},
        {"${A:-${B}}", "variables cannot be nested"},
        {"${A", "\"${\" is never closed"},
        {"x${", "\"${\" is never closed"},
        {"${}", "what stands in \"${…}\" is not a variable's name"},
        {"${1A}", "what stands in \"${…}\" is not a variable's name"},
        {"${A B}", "what stands in \"${…}\" is not a variable's name"},
        {"${A-x}", "what stands in \"${…}\" is not a variable's name"},
    }));
    const Failure failure = expansion_failure(text, {{"A", "x"}, {"B", "y"}});
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "crudctl.toml:1:1: " + reason);
}

TEST_CASE("inside a URL a value is percent-encoded", "[config]")
{
    CHECK(expanded("postgresql://u:${P}@h/d", {{"P", "a@b:/?#%"}}, Encoding::url) ==
          "postgresql://u:a%40b%3A%2F%3F%23%25@h/d");
}

TEST_CASE("a URL that is one variable stands as it is", "[config]")
{
    const std::string url = "postgresql://u:a%40b@h/d?sslmode=require";
    CHECK(expanded("${URL}", {{"URL", url}}, Encoding::url) == url);
    CHECK(expanded("${URL:-" + url + "}", {}, Encoding::url) == url);
}

TEST_CASE("a variable within a keyword string is refused", "[config]")
{
    const Failure failure =
        expansion_failure("host=h password=${P}", {{"P", canary}}, Encoding::url);
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.hint == "use the keys host, port, user, dbname … instead of one text");
}

TEST_CASE("a password with any character arrives as it was", "[config]")
{
    const std::string password =
        GENERATE("@", ":", "/", "?", "#", "%", "%41", "a b", "\"'\\", "${X}", "ü", "&x=y", "[::1]");
    const ProjectFolder project;
    const Settings settings = project.load_text(
        "[profiles.local]\nurl = 'postgresql://u:${P}@h:5433/d'\n", {{"P", password}});
    const pg::ConnInfo info = settings.profile().conn_info;
    CHECK(info.password().reveal() == password);
    CHECK(info.host() == "h");
    CHECK(info.database() == "d");
}

TEST_CASE("the names of unset variables can be listed without an error", "[config]")
{
    const config::Variables variables(Environment(test::Variables{{"A", "x"}}), {});
    CHECK(unset_variables("${A}${B}${C:-d}${D}", variables) == std::vector<std::string>{"B", "D"});
    CHECK(unset_variables("${A${B", variables).empty());
}

TEST_CASE("a secret key or a token of AWS goes into no setting", "[config]")
{
    const ProjectFolder project;
    const std::string name = GENERATE("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                      "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const std::string line =
        GENERATE("url = 'postgresql://u:${X}@h/d'", "url = '${X}'",
                 "host = 'h'\ndbname = 'd'\npassword = '${X}'", "host = '${X:-h}'",
                 "host = 'h'\nuser = 'a${X}'", "host = 'h'\noptions = '-c a.b=${X}'");
    std::string text = "[project]\nname = 'd'\n[profiles.local]\n" + line + "\n";
    text.replace(text.find("${X") + 2, 1, name);
    INFO(text);
    const Settings settings = project.load_text(text, {{name, canary}});
    const Failure failure = failure_of([&] { settings.profile(); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK_THAT(failure.message, Catch::StartsWith("crudctl.toml:"));
    CHECK_THAT(failure.message,
               Catch::EndsWith(": " + name + " is a secret of AWS and goes into no setting"));
    CHECK_FALSE(settings.lines().empty()); // which never throws
}
