#pragma once

#include "database/marker.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::database {

/// A database that stands in for another one, as its marker says.
struct Copy {
    std::string name;
    std::string oid;
    std::optional<std::size_t> size; // bytes; nothing where this role may not know
    bool is_valid = true;            // false: an interrupted DROP DATABASE left it behind
    bool is_owner = false;           // whether this role may rename and drop it
    std::string comment_text;        // the user's part of it
    Marker marker;

    const StandIn& stand_in() const { return *marker.stand_in; }
    bool is(StandInKind kind) const { return stand_in().kind == kind; }
};

/// A text that the comments on a target's stand-ins contain, and as good as no others.
std::string stand_in_needle(const std::string& target);

/// From the survey's JSON: oldest first.
std::vector<Copy> read_copies(const std::string& json, const std::string& target);

/// A time as markers have it, now or just after the newest copy: their order holds though the
/// server's clock jumped back.
std::string moment_after(const std::vector<Copy>& copies, const std::string& now);

/// Of one kind, oldest first.
std::vector<Copy> of_kind(const std::vector<Copy>& copies, StandInKind kind);

/// `cruddur__prev_… (7.5 MB, set aside 2026-11-24 09:15:00 UTC by setup)`.
std::string describe(const Copy& copy);

/// How many that were set aside are kept on an unprotected target.
inline constexpr std::size_t kept_copies = 3;

/// Those set aside that may go unasked: beyond the newest `kept`, built by crudctl itself, and of a
/// target that nobody protected.
std::vector<Copy> surplus(const std::vector<Copy>& copies, std::size_t kept);

/// Of those that may go, what was set aside before a time, as markers have it.
std::vector<Copy> set_aside_before(const std::vector<Copy>& copies, const std::string& time);

} // namespace crudctl::database
