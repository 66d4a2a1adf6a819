#pragma once

#include "pg/connection.hpp"
#include "plan/plan.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::plan {

// Where nobody can be asked, and the profile and the database's mark let scripts do so, --confirm
// carries the plan that --dry-run printed. The id says by itself when that was and for which plan;
// that it was used is kept in the marker.

/// What a plan does and what it does it to, in 12 hexadecimal digits: the command, the target with
/// its OID, its server and its marker, the steps, and the content of the files. What differs from
/// one look to the next doesn't count: times, sizes, sessions, the names of what will be made.
/// Empty for a plan that only reads or adds, and for one whose target nobody could look at.
std::string digest_of(const Plan& plan);

/// The time, and a digest of it and of the plan, `th8l6k-a41f0c92be77`. Empty where the plan takes
/// no id, where digest_of() is empty, and where a file has parts that cannot be known before it
/// runs. The time is the server's, so that one machine may print an id and another one use it.
std::string id_of(const Plan& plan);

/// Why an id does not let the plan through; nothing where it does.
std::optional<std::string> objection_to(std::string_view id, const Plan& plan);

/// Of ids that were used those that could still be valid at a time, as markers have it, were they
/// not kept.
std::vector<std::string> still_valid(std::vector<std::string> ids, const std::string& now);

/// Uses up a plan's id, so that no other run gets through with it: it is written into the target's
/// marker before anything else happens, by a transaction that one run at a time can have. Gives the
/// plan as it goes on from there, with the id in every marker that it writes. `connection` leads to
/// the target, the one database in which all runs of the plan meet. Throws Error(refused) where the
/// id is used by now, or the target isn't what the plan was made for.
Plan with_used_id(const Plan& plan, const std::string& id, pg::Connection& connection);

} // namespace crudctl::plan
