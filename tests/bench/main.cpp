#include "bench/cases.hpp"
#include "bench/report.hpp"
#include "pg/connection.hpp"
#include "support/process/interrupt.hpp"
#include "support/system/file.hpp"
#include "support/temp_cluster.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>

using namespace crudctl;
using namespace crudctl::bench;

namespace {

struct Options {
    Scale scale;
    std::set<std::string> only; // groups; all of them where none is named
    std::string plot_file;
    std::string readme;
};

struct Group {
    std::string name;
    std::vector<Comparison> (*compare)(const Scale&);
};

const std::vector<Group>& groups()
{
    static const std::vector<Group> all = {
        {"load", compare_schema_load},
        {"single", compare_single_statement},
        {"audit", compare_audited_load},
        {"error", compare_first_error},
        {"setup", compare_setup},
        {"look", compare_looking},
        {"csv", compare_csv},
        {"big", compare_big_files},
        {"memory", compare_memory},
    };
    return all;
}

std::vector<std::string> group_names()
{
    std::vector<std::string> names;
    for (const Group& group : groups()) {
        names.push_back(group.name);
    }
    return names;
}

bool is_in_memory(const std::string& folder)
{
    struct statfs system = {};
    return ::statfs(folder.c_str(), &system) == 0 && system.f_type == TMPFS_MAGIC;
}

/// What the figures depend on.
std::string circumstances(const Scale& scale)
{
    const pg::Connection connection(tests::TestCluster::running().info());
    const std::string version = connection.parameter("server_version");
    return fmt::format(
        "Medians of the rounds that take a minute, 3 at least and {} at most, all ways in turns; "
        "PostgreSQL {} on the same machine, {} cores, fsync off{}. A proxy adds the "
        "distance and counts the trips: log-ins + round trips after them.\n",
        scale.rounds, version.substr(0, version.find(' ')), std::thread::hardware_concurrency(),
        is_in_memory(tests::TestCluster::running().socket_folder()) ? ", its data in memory" : "");
}

bool has_failure(const std::vector<Comparison>& comparisons)
{
    const auto has_failed = [](const Result& result) { return !result.failure.empty(); };
    return std::any_of(comparisons.begin(), comparisons.end(), [&](const Comparison& comparison) {
        return std::any_of(comparison.results.begin(), comparison.results.end(), has_failed);
    });
}

struct Findings {
    std::vector<Comparison> times;
    std::vector<Comparison> memory;
};

Findings measure(const Options& options)
{
    Findings findings;
    for (const Group& group : groups()) {
        if (!options.only.empty() && options.only.count(group.name) == 0) {
            continue;
        }
        const auto found = group.compare(options.scale);
        auto& target = group.name == "memory" ? findings.memory : findings.times;
        target.insert(target.end(), found.begin(), found.end());
        if (group.name == "load" && !options.plot_file.empty()) {
            write_file(options.plot_file, plot("Loading a schema of 500 statements", found));
        }
    }
    return findings;
}

/// False where something that was to be measured failed.
bool run(const Options& options)
{
    const Findings findings = measure(options);
    std::string section = "\n" + circumstances(options.scale) + "\n";
    section += findings.times.empty() ? "" : time_table(findings.times) + "\n";
    section += findings.memory.empty() ? "" : memory_table(findings.memory) + "\n";
    std::cout << section;
    if (!options.readme.empty()) {
        constexpr std::size_t most_bytes = std::size_t{1} << 20U;
        const std::string text = read_file(options.readme, most_bytes).text;
        write_file(options.readme, with_speed_section(text, section));
    }
    return !has_failure(findings.times) && !has_failure(findings.memory);
}

} // namespace

int main(int count, char** arguments)
{
    Options options;
    CLI::App app("Times crudctl against psql, on the cluster that $CRUDCTL_TEST_CLUSTER names.");
    app.add_option("--only", options.only, "these groups alone")
        ->check(CLI::IsMember(group_names()));
    app.add_option("--rounds", options.scale.rounds, "rounds of each at most (default 25)");
    app.add_flag("--trial", options.scale.is_trial, "small sizes: does it work at all?");
    app.add_option("--plot", options.plot_file, "write the picture of schema-load here");
    app.add_option("--readme", options.readme, "put the tables into this file");
    CLI11_PARSE(app, count, arguments);
    const InterruptScope interrupts;
    try {
        return run(options) ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "crudctl_bench: " << error.what() << '\n';
        return 1;
    }
}
