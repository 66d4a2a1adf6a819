#pragma once

#include <string>
#include <string_view>

namespace crudctl::pg {

// libpq's own parse errors quote the text they could not read, password included. These look at
// the text first and name what is wrong and at which character, without quoting it.

/// Throws Error(configuration) for a wrong scheme, a single slash, a bad %XX, %00, a control
/// character, or an `@` or `/` that a password should have had encoded.
void check_conn_info_text(std::string_view text);

/// The message for a text that passed the check but that libpq refuses.
std::string reason_for_unparsable(std::string_view text);

/// Throws Error(configuration) where host or port came out as something that neither can be: the
/// sign of a password with an unencoded `/` or `@`.
void check_parsed_parts(std::string_view host, std::string_view port);

} // namespace crudctl::pg
