#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

namespace crudctl::tests {

/// The password for every place that a password can come from: a URL, a passfile, a variable, a
/// password_command. It must come out nowhere; CliCall and TerminalCall see to that.
const std::string& canary();

/// The same as it has to stand in a URL.
std::string canary_in_url();

/// True where the text shows the canary or one of its parts, in whatever encoding.
bool shows_canary(std::string_view text);

/// The command line of this process, or of one that it started, that shows the canary: anybody on
/// the machine could read it there. Empty where none does.
std::string leaking_command(pid_t process);

} // namespace crudctl::tests
