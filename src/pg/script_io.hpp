#pragma once

#include "pg/error.hpp"
#include "pg/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

namespace crudctl::pg {

/// What a Connection tells while it works; every member may be empty.
struct ConnectionObserver {
    std::function<void(const Diagnostic&)> on_notice;
    /// Called about ten times a second while a statement runs: for progress.
    std::function<void()> on_wait;
    /// After each query: how its text begins and how long the answer took.
    std::function<void(std::string_view sql, std::chrono::duration<double>)> on_query;
};

/// Gives the data of one COPY FROM STDIN piece by piece: each piece holds until the next is asked
/// for, an empty one is the end. What it throws ends the COPY with an error, and goes on to the
/// caller.
using CopySource = std::function<std::string_view()>;

/// What a script of several statements takes beside its text.
struct ScriptIO {
    /// For each COPY FROM STDIN, in their order; one more COPY than there are sources ends with an
    /// error.
    std::span<const CopySource> copies;
    /// Instead of the observer's: with the number of statements that were complete by then. libpq
    /// reads ahead: where it can't be told whether a statement was still at work or done already,
    /// `at_most` is one higher than `at_least`.
    std::function<void(const Diagnostic& notice, std::size_t at_least, std::size_t at_most)>
        on_notice;
    /// Instead of the observer's.
    std::function<void()> on_wait;
    /// Dropped: the rows of queries are read and forgotten, however many they are; on_row sees
    /// each before, with the number of statements that were complete by then.
    enum class Rows { kept, dropped };
    Rows rows = Rows::kept;
    std::function<void(const Result& row, std::size_t completed)> on_row;
    /// Instead of the observer's on_query.
    std::function<void(std::chrono::duration<double> took)> on_done;
};

} // namespace crudctl::pg
