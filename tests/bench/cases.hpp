#pragma once

#include "bench/comparison.hpp"

#include <vector>

namespace crudctl::bench {

struct Scale {
    int rounds = 25; // at most; see compare()
    /// Small sizes and short distances: to see that it runs, not how fast.
    bool is_trial = false;
};

// Each makes what it needs, on the test cluster that $CRUDCTL_TEST_CLUSTER names.

/// schema-load of 500 statements against psql, near and far.
std::vector<Comparison> compare_schema_load(const Scale& scale);
/// schema-load of a single statement, which psql does in one round trip.
std::vector<Comparison> compare_single_statement(const Scale& scale);
/// schema-load of single INSERTs, each of which a trigger writes down with its text.
std::vector<Comparison> compare_audited_load(const Scale& scale);
/// schema-load of a file whose last statement fails.
std::vector<Comparison> compare_first_error(const Scale& scale);
/// A CSV file as a seed against \copy.
std::vector<Comparison> compare_csv(const Scale& scale);
/// setup of the sample against drop, create, schema and seed through psql.
std::vector<Comparison> compare_setup(const Scale& scale);
/// sessions and status against the quickest that psql can do.
std::vector<Comparison> compare_looking(const Scale& scale);
/// Big files of INSERTs and of COPY data, near.
std::vector<Comparison> compare_big_files(const Scale& scale);
/// Files that are larger than a program should become; empty where the disk has no room for them.
std::vector<Comparison> compare_memory(const Scale& scale);

} // namespace crudctl::bench
