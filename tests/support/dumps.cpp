#include "support/dumps.hpp"

#include "pg/connection.hpp"
#include "server/binaries.hpp"
#include "support/temp_cluster.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace crudctl::tests {

bool can_dump()
{
    // "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"
    const TestCluster& cluster = TestCluster::running();
    const std::string said =
        CliCall({"--version"}).with_program(cluster.clients() / "pg_dump").result().out;
    const auto client = server::major_of(said.substr(said.find(") ") + 2));
    const int server = pg::Connection(cluster.info()).server_version() / 10000;
    if (client >= server) {
        return true;
    }
    std::cout << "not run: pg_dump " << client.value_or(0) << " refuses a server of version "
              << server << '\n';
    return false;
}

CliCall server_program(const std::string& program, const std::string& database,
                       const std::vector<std::string>& arguments)
{
    const TestCluster& cluster = TestCluster::running();
    std::vector<std::string> all = {"-h", cluster.socket_folder(), "-p", cluster.port(),
                                    "-U", cluster.info().user(),   "-d", database};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return CliCall(all).with_program(cluster.clients() / program);
}

std::string output_of(const std::string& program, const std::string& database,
                      const std::vector<std::string>& arguments)
{
    CliResult result = server_program(program, database, arguments).result();
    if (result.exit_code != 0) {
        throw std::runtime_error(program + ": " + result.err);
    }
    return std::move(result.out);
}

void load_by_psql(const std::string& database, const std::filesystem::path& file,
                  const std::vector<std::string>& arguments)
{
    std::vector<std::string> all = {"-X", "-q",         "-o", "/dev/null", "-v", "ON_ERROR_STOP=1",
                                    "-f", file.string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    output_of("psql", database, all);
}

/// Our line at the comment's end; the whole statement where it is all of the comment.
// Searched for as plain text: expressions take a second for a dump of some hundred kB.
static std::string without_marker(std::string text)
{
    constexpr std::string_view heading = "\n--\n-- Name: ";
    constexpr std::string_view marker = "crudctl: {";
    constexpr std::string_view end_of_marker = "}';\n";
    for (auto at = text.find(marker); at != std::string::npos; at = text.find(marker, at)) {
        const auto end = text.find(end_of_marker, at);
        if (at == 0 || end == std::string::npos || end > text.find('\n', at)) {
            ++at;
        } else if (text[at - 1] == '\n') { // below other lines
            text.erase(at - 1, end + 1 - (at - 1));
        } else { // the whole comment, and an empty line behind it
            const auto begin = text.rfind(heading, at);
            text.erase(begin, end + end_of_marker.size() + 1 - begin);
            at = begin;
        }
    }
    return text;
}

std::string dump_of(const std::string& database, const std::vector<std::string>& arguments)
{
    constexpr std::string_view restriction = "\n\\restrict ";
    std::string text = output_of("pg_dump", database, arguments);
    const auto at = text.find(restriction);
    if (at != std::string::npos) {
        const auto begin = at + restriction.size();
        const std::string key = text.substr(begin, text.find('\n', begin) - begin);
        for (auto found = text.find(key); found != std::string::npos; found = text.find(key)) {
            text.erase(found, key.size());
        }
    }
    return without_marker(std::move(text));
}

std::string difference(const std::string& expected, const std::string& found)
{
    const auto at = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
    if (at.first == expected.end() && at.second == found.end()) {
        return {};
    }
    const auto excerpt = [](const std::string& text, std::size_t from) {
        return text.substr(from < 200 ? 0 : from - 200, 400);
    };
    const auto from = static_cast<std::size_t>(at.first - expected.begin());
    return "expected:\n" + excerpt(expected, from) + "\nfound:\n" + excerpt(found, from);
}

} // namespace crudctl::tests
