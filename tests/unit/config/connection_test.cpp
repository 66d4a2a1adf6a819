#include "unit/config/fixture.hpp"

#include "config/profile/host_kind.hpp"

#include <algorithm>

using namespace crudctl;
using namespace crudctl::config;
using namespace crudctl::config::test;

namespace {

Profile local_profile(const ProjectFolder& project, const std::string& url,
                      test::Variables variables = {})
{
    variables.emplace("CONNECTION_URL", url);
    return project.load(std::move(variables)).profile();
}

bool libpq_knows(std::string_view keyword)
{
    const auto& known = pg::ConnInfo::known_keywords();
    return std::find(known.begin(), known.end(), keyword) != known.end();
}

} // namespace

TEST_CASE("a host is public unless its name or address says otherwise", "[config]")
{
    const auto [host, is_public] = GENERATE(table<std::string, bool>({
        {"db", false},
        {"localhost", false},
        {"", false},
        {"/run/postgresql", false},
        {"@abstract", false},
        {"printer.local", false},
        {"host.docker.internal", false},
        {"DB.INTERNAL.", false},
        {"a.localhost", false},
        {"10.1.2.3", false},
        {"127.0.0.1", false},
        {"172.16.0.1", false},
        {"172.31.255.255", false},
        {"192.168.1.1", false},
        {"169.254.1.1", false},
        {"100.64.0.1", false},
        {"::1", false},
        {"fe80::1%eth0", false},
        {"fd00::1", false},
        {"::ffff:10.0.0.1", false},
        {"db,10.0.0.1", false},
        {"db.example.com", true},
        {"db.example.com.", true},
        {"internal.example.com", true},
        {"8.8.8.8", true},
        {"172.32.0.1", true},
        {"172.15.0.1", true},
        {"100.128.0.1", true},
        {"192.169.0.1", true},
        {"2001:db8::1", true},
        {"::ffff:8.8.8.8", true},
        {"db,db.example.com", true},
    }));
    INFO(host);
    CHECK(is_public_host(host) == is_public);
}

TEST_CASE("a private host gets sslmode prefer, and what the URL says stays", "[config]")
{
    const ProjectFolder project;
    CHECK(local_profile(project, "postgresql://u@db/d").conn_info.value("sslmode") == "prefer");
    CHECK(local_profile(project, "postgresql://u@db.example.com/d?sslmode=disable")
              .conn_info.value("sslmode") == "disable");
    CHECK(local_profile(project, "postgresql://u@db/d").warnings.empty());
}

TEST_CASE("a public host's certificate is checked where that is possible", "[config]")
{
    const ProjectFolder project;
    const std::string url = "postgresql://u@db.example.com/d";
    const Profile without = local_profile(project, url);
    if (libpq_knows("sslcertmode")) {
        CHECK(without.conn_info.value("sslmode") == "verify-full");
        CHECK(without.conn_info.value("sslrootcert") == "system");
    } else {
        CHECK(without.conn_info.value("sslmode") == "require");
        REQUIRE(without.warnings.size() == 1);
        CHECK_THAT(without.warnings[0], Catch::Contains("\"db.example.com\""));
    }
    const Profile named = local_profile(project, url, {{"PGSSLROOTCERT", "/ca.pem"}});
    CHECK(named.conn_info.value("sslmode") == "verify-full");
    CHECK(named.conn_info.value("sslrootcert") == "/ca.pem");

    project.write(project.home() / ".postgresql/root.crt", "x");
    CHECK(local_profile(project, url).conn_info.value("sslmode") == "verify-full");
    CHECK(local_profile(project, url).warnings.empty());
}

TEST_CASE("a tunnel is judged by the name it stands for", "[config]")
{
    const ProjectFolder project;
    project.write(project.home() / ".postgresql/root.crt", "x");
    CHECK(local_profile(project, "host=db.example.com hostaddr=127.0.0.1 dbname=d")
              .conn_info.value("sslmode") == "verify-full");
    CHECK(local_profile(project, "hostaddr=8.8.8.8 dbname=d").conn_info.value("sslmode") ==
          "verify-full");
}

TEST_CASE("every connection notices a dead peer and speaks UTF-8", "[config]")
{
    const ProjectFolder project;
    const pg::ConnInfo info = local_profile(project, "postgresql://u@db/d").conn_info;
    CHECK(info.value("connect_timeout") == "10");
    CHECK(info.value("keepalives_idle") == "10");
    CHECK(info.value("keepalives_interval") == "5");
    CHECK(info.value("keepalives_count") == "3");
    CHECK(info.value("tcp_user_timeout") == "20000");
    CHECK(info.value("client_encoding") == "UTF8");
    CHECK(info.value("gssencmode").value_or("disable") == "disable");
    CHECK_FALSE(info.value("application_name"));
    CHECK(local_profile(project, "postgresql://u@db/d?keepalives_idle=60")
              .conn_info.value("keepalives_idle") == "60");
}

TEST_CASE("the connect timeout is the flag's, else the URL's, else PGCONNECT_TIMEOUT's", "[config]")
{
    const ProjectFolder project;
    const std::string url = "postgresql://u@db/d";
    CHECK(local_profile(project, url, {{"PGCONNECT_TIMEOUT", "7"}})
              .conn_info.value("connect_timeout") == "7");
    CHECK(local_profile(project, url + "?connect_timeout=8", {{"PGCONNECT_TIMEOUT", "7"}})
              .conn_info.value("connect_timeout") == "8");
    Sources sources = project.sources({{"CONNECTION_URL", url + "?connect_timeout=8"}});
    sources.connect_timeout = 9;
    CHECK(load_settings(sources).profile().conn_info.value("connect_timeout") == "9");

    const Failure failure = failure_of([&] {
        local_profile(project, url, {{"PGCONNECT_TIMEOUT", "soon"}});
    });
    CHECK(failure.code == ExitCode::configuration);
    CHECK(failure.message == "PGCONNECT_TIMEOUT: \"connect_timeout\" must be a number");
}

TEST_CASE("other PG variables change nothing and are named once", "[config]")
{
    const ProjectFolder project;
    const std::string url = "postgresql://u@db/d";
    const test::Variables hostile = {{"PGHOST", "evil"},
                                     {"PGHOSTADDR", "6.6.6.6"},
                                     {"PGPORT", "666"},
                                     {"PGUSER", "evil"},
                                     {"PGDATABASE", "evil"},
                                     {"PGSERVICE", "evil"},
                                     {"PGOPTIONS", "-c x=y"},
                                     {"PGSSLMODE", "disable"},
                                     {"PGTARGETSESSIONATTRS", "any"},
                                     {"PGSSLCERT", "/c.crt"},
                                     {"PGSSLKEY", "/c.key"},
                                     {"PGSSLCRL", "/c.crl"},
                                     {"PGDATA", "/data"},
                                     {"PGPASSWORD", canary},
                                     {"PGADMIN_EMAIL", "x"},
                                     {"PGSERVICEFILE", "/no"},
                                     {"PGGEQO", ""}};
    test::Variables variables = hostile;
    variables.emplace("CONNECTION_URL", url);
    const Settings settings = project.load(variables);
    REQUIRE(settings.notes().size() == 1);
    CHECK(settings.notes()[0] ==
          "ignored, since the profile says where to connect: PGDATABASE, PGHOST, PGHOSTADDR, "
          "PGOPTIONS, PGPORT, PGSERVICE, PGSSLMODE, PGTARGETSESSIONATTRS, PGUSER");

    const auto expected = local_profile(project, url, {{"PGPASSWORD", canary}})
                              .conn_info.with("sslcert", "/c.crt")
                              .with("sslkey", "/c.key")
                              .with("sslcrl", "/c.crl");
    CHECK(settings.profile().conn_info.keywords() == expected.keywords());
    CHECK(project.load({{"CONNECTION_URL", url}}).notes().empty());
}

TEST_CASE("a passfile that libpq would refuse is kept from it", "[config]")
{
    const ProjectFolder project;
    const std::string url = "postgresql://u@db/d";
    const fs::path file = project.write(project.home() / ".pgpass", "db:*:d:u:" + canary, 0644);
    const Profile unsafe = local_profile(project, url);
    REQUIRE(unsafe.warnings.size() == 1);
    CHECK(unsafe.warnings[0] == "the password file \"" + file.string() +
                                    "\" is ignored: others may use it; chmod 600 \"" +
                                    file.string() + "\" helps");
    CHECK_FALSE(fs::exists(unsafe.conn_info.value("passfile").value()));
    CHECK(local_profile(project, url, {{"PGPASSWORD", canary}}).warnings.empty());

    fs::permissions(file, fs::perms::owner_read);
    CHECK(local_profile(project, url).warnings.empty());
    CHECK_FALSE(local_profile(project, url).conn_info.value("passfile"));
}

TEST_CASE("PGPASSFILE is honoured", "[config]")
{
    const ProjectFolder project;
    const fs::path file = project.write("pass", "db:*:d:u:" + canary);
    const test::Variables variables = {{"PGPASSFILE", file.string()}};
    CHECK(local_profile(project, "postgresql://u@db/d", variables).conn_info.value("passfile") ==
          file.string());
}

TEST_CASE("RDS has authorities of its own, which are named where none is found", "[config]")
{
    const ProjectFolder project;
    const Profile profile =
        local_profile(project, "postgresql://u@db.abc.ca-central-1.rds.amazonaws.com/d");
    CHECK(profile.conn_info.value("sslmode") == "require");
    REQUIRE(profile.warnings.size() == 1);
    CHECK_THAT(profile.warnings.front(), Catch::Contains("global-bundle.pem"));
}
