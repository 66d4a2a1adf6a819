#include "support/error.hpp"

#include <array>
#include <utility>

namespace crudctl {

Error::Error(ExitCode code, const std::string& message, std::string hint)
    : std::runtime_error(message), m_code(code), m_hint(std::move(hint))
{}

std::span<const ExitCodeEntry> exit_codes()
{
    static constexpr std::array entries = {
        ExitCodeEntry{ExitCode::done, "done"},
        ExitCodeEntry{ExitCode::failed, "failed: an SQL error, or the server's own"},
        ExitCodeEntry{ExitCode::usage, "usage: the command line was wrong"},
        ExitCodeEntry{ExitCode::configuration,
                      "configuration: a setting, or a file named there is missing or unreadable"},
        ExitCodeEntry{ExitCode::connection, "cannot connect or log in"},
        ExitCodeEntry{ExitCode::refused, "refused or declined; nothing was changed"},
        ExitCodeEntry{ExitCode::external, "an external program or service failed"},
        ExitCodeEntry{ExitCode::differs, "differs from what was asked for"},
        ExitCodeEntry{ExitCode::unknown,
                      "outcome unknown: the connection was lost and nobody could be asked"},
        ExitCodeEntry{ExitCode::busy, "busy; it is safe to try again"},
        ExitCodeEntry{ExitCode::interrupted, "interrupted by Ctrl-C"},
        ExitCodeEntry{ExitCode::terminated, "ended by SIGTERM or SIGHUP"},
    };
    return entries;
}

} // namespace crudctl
