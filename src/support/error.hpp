#pragma once

#include <span>
#include <stdexcept>
#include <string>
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

/// A failure that ends the command: what could not be done and why, in lower case without a full
/// stop, the way out where there is one, and the exit code.
class Error : public std::runtime_error {
public:
    Error(ExitCode code, const std::string& message, std::string hint = {});

    ExitCode code() const noexcept { return m_code; }
    /// The command or setting that helps; empty where there is none.
    const std::string& hint() const noexcept { return m_hint; }

private:
    ExitCode m_code;
    std::string m_hint;
};

} // namespace crudctl
