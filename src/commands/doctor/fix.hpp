#pragma once

#include "operation/target.hpp"
#include "pg/handshake.hpp"

#include <string>
#include <string_view>

namespace crudctl::commands {

// What stands behind `fix:`. Where it can be done from here it is one command to type, with what it
// is about in front; a word in capitals is left for whoever types it. What is somebody else's to do
// is said as a sentence.

/// How the setting that the target comes from is corrected: in an exported variable `from` becomes
/// `to`; a file is opened at its line. `what` says what is to be corrected.
std::string setting_fix(const Context& context, const Target& target, std::string_view what,
                        std::string_view from, std::string_view to);

/// The same for one of libpq's parameters, `sslmode=require`, whatever it is now.
std::string parameter_fix(const Context& context, const Target& target, std::string_view name,
                          std::string_view value);

/// How a server that nobody answers for is started; elsewhere than on this machine that, or another
/// host, is all that can be said.
std::string start_fix(const Context& context, const Target& target);

/// How a password is given that the server takes.
std::string password_fix(const Context& context, const Target& target);

/// A line of pg_hba.conf in front of the others; `reason`, the server's refusal, names the address
/// that it sees.
std::string access_fix(const Target& target, const std::string& reason);

/// How the authority's certificate gets into `file`, where it is looked for (empty: the system's).
std::string certificate_fix(const Target& target, const pg::CertificateView& view,
                            const std::string& file);

} // namespace crudctl::commands
