#pragma once

#include "plan/plan.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::plan {

// Where nobody can be asked, --confirm has to carry the plan that somebody has seen. Nothing is
// kept for that: the id says by itself when it was printed and for which plan.

inline constexpr std::chrono::minutes id_lifetime{15};

/// What a plan does and what it does it to, in 12 hexadecimal digits: the command, the target with
/// its OID, its server and its marker, the steps, and the content of the files. What differs from
/// one look to the next doesn't count: times, sizes, sessions, the names of what will be made.
/// Empty for a plan that only reads or adds, and for one whose target nobody could look at.
std::string digest_of(const Plan& plan);

/// The digest with the time in front, `th8l6k-a41f0c92be77`; empty where that is. The time is the
/// server's, so that one machine may print an id and another one use it.
std::string id_of(const Plan& plan);

/// Why an id does not let the plan through; nothing where it does.
std::optional<std::string> objection_to(std::string_view id, const Plan& plan);

} // namespace crudctl::plan
