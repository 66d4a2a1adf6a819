#pragma once

#include "database/marker.hpp"
#include "pg/connection.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::database {

/// Whose a database is that says it stands in for another one. Anybody may write a comment on a
/// database of their own, a rename takes it along, and a dump carries it to another server.
enum class Claim {
    ours,     // name, marker, server and owner all say so
    unproven, // one of them can't or doesn't; a person who names it may say so
    foreign,  // somebody's database: never dropped, renamed or copied from
};

/// A database that stands in for another one, as its marker says.
struct Copy {
    std::string name;
    std::string oid;
    std::string owner;
    std::optional<std::size_t> size; // bytes; nothing where this role may not know
    std::size_t sessions = 0;        // on it
    bool is_valid = true;            // false: an interrupted DROP DATABASE left it behind
    bool is_owner = false;           // whether this role may rename and drop it
    bool owner_acts_as_us = false;   // so that whatever the owner put into it, they may do anyway
    bool is_mine = false;            // whether this very role owns it
    bool is_unmarked = false;        // named like one in the making, and nothing says for whom
    bool builder_lives = false;      // the session that builds it is still there
    std::string comment_text;        // the user's part of it
    Marker marker;
    Claim claim = Claim::foreign;
    std::string doubt;          // why it isn't ours, in words; empty where it is
    bool is_only_owner = false; // that is in doubt

    const StandIn& stand_in() const { return *marker.stand_in; }
    bool is(StandInKind kind) const { return stand_in().kind == kind; }
    /// Whether a run that was killed left it unfinished, being built or being dropped, with nobody
    /// at work on it or in it.
    bool is_left_over() const;
};

/// What a copy is judged against.
struct CopyTarget {
    std::string name;
    std::string oid;             // empty: there is none
    std::string server_identity; // empty where this role may not read it
};

/// A text that the comments on a target's stand-ins contain, and as good as no others.
std::string stand_in_needle(const std::string& target);

/// The query for them, with its values; `with_sizes` costs a look at their files.
struct CopiesQuery {
    CopiesQuery(const std::string& target, bool with_sizes);
    std::array<std::optional<std::string>, 4> values;
    pg::BoundStatement statement() const;
};

/// From its result: oldest first, each with its claim.
std::vector<Copy> read_copies(const pg::Result& rows, const CopyTarget& target);

/// Oldest first.
void sort_by_age(std::vector<Copy>& copies);

/// A time as markers have it, now or just after the newest copy: their order holds though the
/// server's clock jumped back.
std::string moment_after(const std::vector<Copy>& copies, const std::string& now);

/// Of one kind, oldest first.
std::vector<Copy> of_kind(const std::vector<Copy>& copies, StandInKind kind);

/// `cruddur__prev_… (7.5 MB, set aside 2026-11-24 09:15:00 UTC by setup)`.
std::string describe(const Copy& copy);

/// How many that were set aside are kept on an unprotected target.
inline constexpr std::size_t kept_copies = 3;

/// Those set aside that may go unasked: beyond the newest `kept`, built by crudctl itself, of a
/// target that nobody protected, and without sessions.
std::vector<Copy> surplus(const std::vector<Copy>& copies, std::size_t kept);

/// Of those that may go, what was set aside before a time, as markers have it.
std::vector<Copy> set_aside_before(const std::vector<Copy>& copies, const std::string& time);

} // namespace crudctl::database
