#pragma once

#include <span>
#include <string_view>

namespace crudctl {

/// What a run of crudctl ended with. `connect` is the exception: it gives psql's.
enum class ExitCode : int {
    done = 0,
    failed = 1,
    usage = 2,
    configuration = 3,
    connection = 4,
    refused = 5,
    external = 6,
    differs = 7,
    unknown = 8,
    busy = 9,
    interrupted = 130,
    terminated = 143,
};

struct ExitCodeEntry {
    ExitCode code;
    std::string_view meaning;
};

/// Every exit code with one line of meaning, in ascending order; help and README follow it.
std::span<const ExitCodeEntry> exit_codes();

constexpr int to_int(ExitCode code)
{
    return static_cast<int>(code);
}

} // namespace crudctl
