#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::bench {

/// Counted on the way to a distant server; nothing is where there is no such way.
struct Trips {
    int log_ins = 0;
    std::size_t others = 0;
};

/// What one run took.
struct Sample {
    double seconds = 0;
    std::size_t peak_bytes = 0; // of the program's memory
    Trips trips;
    std::string failure; // why it came to nothing; empty where it didn't
};

/// One way of doing a thing; each has its column in the table.
enum class Way { crudctl, psql, psql_one_transaction, server };
std::string_view name_of(Way way);

struct Side {
    Way way = Way::crudctl;
    std::function<Sample()> run;
};

/// The runs of one side, in short.
struct Result {
    Way way = Way::crudctl;
    double seconds = 0; // the median
    std::size_t peak_bytes = 0;
    Trips trips;
    std::string failure;
};

/// The same thing done in several ways, at one distance from the server.
struct Comparison {
    std::string what;
    std::chrono::milliseconds distance{0};
    std::vector<Result> results;

    /// Nothing where this way was not taken.
    const Result* result(Way way) const;
};

/// Runs the sides in turns, so that what else happens on the machine meets all of them; tells on
/// stderr what it is at. As many rounds as take a minute, three at least, `most_rounds` at most;
/// the last is the one in which a side fails. Throws Error once a signal has come.
Comparison compare(const std::string& what, std::chrono::milliseconds distance,
                   const std::vector<Side>& sides, int most_rounds);

} // namespace crudctl::bench
