#pragma once

#include "support/exit_code.hpp"

#include <stdexcept>
#include <string>

namespace crudctl {

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
