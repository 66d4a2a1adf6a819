#include "bench/workplace.hpp"

#include "bench/timed_program.hpp"
#include "pg/connection.hpp"
#include "support/paths.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

const tests::TestCluster& cluster()
{
    return tests::TestCluster::running();
}

std::string psql_path()
{
    return (cluster().clients() / "psql").string();
}

Environment plain_environment()
{
    Environment environment;
    environment.set("LANG", "C.UTF-8");
    environment.set("PATH", "/usr/bin:/bin");
    return environment;
}

} // namespace

ProjectFolder::ProjectFolder(std::string_view settings)
{
    write("crudctl.toml", fmt::format("[project]\nname = \"bench\"\n{}\n[profiles.local]\n"
                                      "url = \"${{CONNECTION_URL}}\"\n",
                                      settings));
}

std::string ProjectFolder::write(std::string_view name, std::string_view text) const
{
    return m_folder.write(name, text).string();
}

Workplace::Workplace(std::chrono::milliseconds distance)
{
    if (distance.count() > 0) {
        m_proxy.emplace(std::stoi(cluster().port()), tests::Proxy::Options{distance, {}});
    }
    // The first session on a database fills the server's caches, which is nobody's merit.
    pg::Connection(m_database.info()).exec("select 1");
}

Sample Workplace::crudctl(const ProjectFolder& project, std::vector<std::string> arguments) const
{
    tests::ProgramStart start;
    start.program = tests::crudctl_binary();
    start.arguments = std::move(arguments);
    start.folder = project.path();
    start.environment = plain_environment();
    start.environment.set("CONNECTION_URL", info().url(pg::ConnInfo::ShowPassword::yes));
    return run(start);
}

Sample Workplace::psql(const std::vector<std::string>& arguments) const
{
    tests::ProgramStart start;
    start.program = psql_path();
    start.arguments = {"-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database()};
    start.arguments.insert(start.arguments.end(), arguments.begin(), arguments.end());
    start.environment = psql_environment();
    return run(start);
}

Sample Workplace::script(const std::string& text) const
{
    tests::ProgramStart start;
    start.program = "/bin/sh";
    start.arguments = {"-ec", text};
    start.environment = psql_environment();
    start.environment.set("psql", psql_path() + " -X -q -v ON_ERROR_STOP=1");
    start.environment.set("database", database());
    start.environment.set("maintenance", "postgres");
    return run(start);
}

Sample Workplace::server(const std::string& sql) const
{
    pg::Connection connection(m_database.info());
    const auto started = std::chrono::steady_clock::now();
    connection.exec_script(sql);
    Sample sample;
    sample.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return sample;
}

void Workplace::expect(const std::string& query, std::string_view answer) const
{
    const auto found = pg::Connection(m_database.info()).exec(query).scalar();
    if (found != answer) {
        throw std::runtime_error(
            fmt::format("{} gives {}, not {}", query, found.value_or("null"), answer));
    }
}

pg::ConnInfo Workplace::info() const
{
    const pg::ConnInfo near = m_database.tcp_info();
    return m_proxy ? near.with("port", m_proxy->port()) : near;
}

Environment Workplace::psql_environment() const
{
    Environment environment = plain_environment();
    environment.set("PGHOST", "127.0.0.1");
    environment.set("PGPORT", m_proxy ? m_proxy->port() : cluster().port());
    environment.set("PGUSER", "postgres");
    environment.set("PGPASSWORD", cluster().password());
    return environment;
}

Sample Workplace::run(const tests::ProgramStart& start) const
{
    Sample sample = time_program(start);
    if (m_proxy) {
        const tests::Traffic traffic = m_proxy->traffic();
        sample.trips = {traffic.log_ins, traffic.trips.size()};
    }
    return sample;
}

} // namespace crudctl::bench
