#pragma once

#include <string>
#include <string_view>

namespace crudctl::aws {

/// The service has too much to do: safe to try again, later.
bool is_throttling(std::string_view code);

/// Another try could go better, by the code or by the HTTP status.
bool is_transient(std::string_view code, int status);

/// May come from a clock that is wrong.
bool is_about_the_clock(std::string_view code);

/// What helps with this error; empty where there is nothing to add to AWS's message.
std::string hint_for(std::string_view code);

} // namespace crudctl::aws
