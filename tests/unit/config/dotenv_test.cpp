#include "unit/config/fixture.hpp"

#include "config/file/variables.hpp"

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

TEST_CASE("a .env file's lines are read", "[config]")
{
    const auto [line, value] = GENERATE(table<std::string, std::string>({
        {"A=x", "x"},
        {"export A=x", "x"},
        {"  A = x  ", "x"},
        {"A=x # comment", "x"},
        {"A=x#y", "x#y"},
        {"A=# comment", ""},
        {"A=a=b", "a=b"},
        {"A='x # y'", "x # y"},
        {"A='a\\nb'", "a\\nb"},
        {"A=\"a\\nb\\\"c\\\\\\$\"", "a\nb\"c\\$"},
        {"A=\"two\nlines\"", "two\nlines"},
        {"A=$B ${B}", "$B ${B}"},
        {"A=\"${C}-${D}\"\nC=1\nD=${C}2", "1-12"},
        {"A='${C}'\nC=1", "${C}"},
        {"A=${A}", "${A}"},
        {"A=x\r", "x"},
        {"A=y\nA=x", "x"},
        {"\xef\xbb\xbf"
         "A=x",
         "x"},
    }));
    const Dotenv dotenv = parse_dotenv(line + "\nLAST=1\n", ".env");
    CHECK(dotenv.variables.at("A") == value);
    CHECK(dotenv.variables.at("LAST") == "1");
    CHECK(dotenv.ignored_lines.empty());
}

TEST_CASE("a .env line that says nothing is counted, not guessed at", "[config]")
{
    const Dotenv dotenv = parse_dotenv("# comment\n\nA=1\nnonsense\nB-C=2\n1D=3\n", ".env");
    CHECK(dotenv.variables.size() == 1);
    CHECK(dotenv.ignored_lines == std::vector<std::size_t>{4, 5, 6});
}

TEST_CASE("a quote that a .env file never closes is refused by its first line", "[config]")
{
    const Failure failure =
        failure_of([] { parse_dotenv("A=1\nB=\"" + canary + "\nC=2\n", ".env"); });
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == ".env:2: the quote is never closed");
}

TEST_CASE(".env is below the environment and above the file", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", "[project]\nname = 'from_file'\n");
    CHECK(project.load().project().name == "from_file");

    project.write(".env", "CRUDCTL_PROJECT_NAME=from_dotenv\n");
    CHECK(project.load().project().name == "from_dotenv");
    CHECK(project.load({{"CRUDCTL_PROJECT_NAME", "from_environment"}}).project().name ==
          "from_environment");
}

TEST_CASE("a variable of .env is told as such", "[config]")
{
    const ProjectFolder project;
    project.write(".env", "CONNECTION_URL=postgresql://u@db/cruddur\n");
    CHECK(project.load().profile().origin == "CONNECTION_URL in .env");
    CHECK(project.load({{"CONNECTION_URL", "postgresql://u@other/cruddur"}}).profile().origin ==
          "CONNECTION_URL");
}

TEST_CASE("what programs, paths and permissions are read from has nothing of .env", "[config]")
{
    const ProjectFolder project;
    std::string text;
    for (const char* name :
         {"LD_PRELOAD", "PSQLRC", "PATH", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "PGSERVICEFILE",
          "https_proxy", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "SSL_CERT_FILE",
          "CURL_CA_BUNDLE", "CRUDCTL_TRUST", "CRUDCTL_ONLY", "CRUDCTL_READ_ONLY", "CRUDCTL_PG_BIN",
          "GITPOD_WORKSPACE_ID"}) {
        text += std::string(name) + "=/planted\n";
    }
    project.write(".env", text + "AWS_REGION=eu-west-1\nAWS_SECRET_ACCESS_KEY=" + canary + "\n");
    const Settings settings = project.load();
    for (const auto& [name, value] : settings.environment().variables()) {
        INFO(name);
        CHECK(value.find("planted") == std::string::npos);
    }
    const Environment aws = settings.aws_environment();
    for (const auto& [name, value] : aws.variables()) {
        INFO(name);
        CHECK(value.find("planted") == std::string::npos);
    }
    CHECK(aws.value("AWS_REGION") == "eu-west-1");
    CHECK(aws.value("AWS_SECRET_ACCESS_KEY") == canary);
    CHECK(settings.environment_with_dotenv().value("PSQLRC") == "/planted");
}

TEST_CASE("a variable that names a path or an address is not taken from .env", "[config]")
{
    const ProjectFolder project;
    project.write("crudctl.toml", "[project]\nname = 'd'\n[profiles.local]\nhost = 'h'\n");
    project.write(".env", "PGPASSFILE=/planted\nPGSSLROOTCERT=/planted\nPGSSLCERT=/planted\n"
                          "PGSSLKEY=/planted\nPGSSLCRL=/planted\nCRUDCTL_PG_BIN=/planted\n"
                          "CRUDCTL_SERVER_DATA_DIRECTORY=/planted\n"
                          "CRUDCTL_ADDRESS_SERVICES=https://planted\n"
                          "PGCONNECT_TIMEOUT=7\nCRUDCTL_SERVER_PORT=6001\nHOME=/planted\n");
    const Settings settings = project.load({{"PGSSLCRL", "/real"}});
    const Profile profile = settings.profile();
    for (const auto& [keyword, value] : profile.conn_info.keywords()) {
        INFO(keyword);
        CHECK(value.find("planted") == std::string::npos);
    }
    CHECK(profile.conn_info.value("sslcrl") == "/real");
    CHECK(profile.conn_info.value("connect_timeout") == "7");
    CHECK(settings.server().binaries.empty());
    CHECK(settings.server().data_directory.empty());
    CHECK(settings.server().port == 6001);
    CHECK_FALSE(settings.aws().address_services.has_value());
}

TEST_CASE("a .env that cannot be used is warned about, not fatal", "[config]")
{
    const ProjectFolder project;
    const test::Variables url = {{"CONNECTION_URL", "postgresql://u@db/cruddur"}};
    SECTION("a folder of that name is another tool's")
    {
        fs::create_directory(project.root() / ".env");
        CHECK(project.load(url).warnings().empty());
    }
    SECTION("a line that says nothing")
    {
        project.write(".env", "A=1\n" + canary + "\n");
        REQUIRE(project.load(url).warnings().size() == 1);
        CHECK(project.load(url).warnings()[0] == ".env:2 is ignored: it is not NAME=VALUE");
    }
    SECTION("a password that others may read")
    {
        project.write(".env", "PROD_CONNECTION_URL=postgresql://u:" + canary + "@db/x\n", 0644);
        REQUIRE(project.load(url).warnings().size() == 1);
        CHECK(project.load(url).warnings()[0] ==
              "\".env\" holds a password and others may read it; chmod 600 \".env\" helps");
    }
    SECTION("without a password everybody may read it")
    {
        project.write(".env", "A=1\nURL=postgresql://u@db/x\n", 0644);
        CHECK(project.load(url).warnings().empty());
    }
}

TEST_CASE("variables of a .env that name many others end in an error, not in memory", "[config]")
{
    std::string text = "V0=0123456789\n";
    for (int i = 1; i <= 10; ++i) {
        text += "V" + std::to_string(i) + "=";
        for (int k = 0; k < 50; ++k) {
            text += "${V" + std::to_string(i - 1) + "}";
        }
        text += "\n";
    }
    CHECK_THROWS_AS(parse_dotenv(text, ".env"), Error);
}
