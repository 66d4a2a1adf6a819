#pragma once

#include "commands/setup/build_cache.hpp"
#include "operation/replacement_target.hpp"
#include "operation/script_options.hpp"
#include "plan/plan.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>

namespace crudctl::commands {

enum class Seeding { by_profile, yes, no };

struct SetupOptions {
    Seeding seeding = Seeding::by_profile;
    ScriptOptions script;
    std::chrono::seconds lock_timeout{30};
    bool accepts_lost_grants = false;
    bool in_place = false;       // in one transaction instead of aside
    bool drops_unlisted = false; // in place also what the files do not make again
    bool rebuilds = false;       // the schema, even if it was built before and is kept
};

/// What a setup loads, and what it can do without loading.
struct SetupScripts {
    plan::Step schema;
    std::optional<plan::Step> seeds;        // none where none are to be loaded
    std::optional<plan::LoadScripts> whole; // both as one, where they go into a live database
    CachedBuild after_schema;
    CachedBuild after_seeds{database::StandInKind::seeded, {}, nullptr};

    /// The furthest that can be started from; null: there is none.
    const CachedBuild* start() const;
};

/// Seeds are read, too, where it is decided only later whether they are loaded, so that a bad file
/// shows before a question. Throws as script_step() does.
SetupScripts read_project(Context& context, const SetupOptions& options);

/// The roles that the schema's files speak of.
std::set<std::string> role_names_of(const SetupScripts& scripts);

/// Looks for what former builds kept of the same files.
void find_cached_builds(const Context& context, SetupScripts& scripts, ReplacementTarget& ground);

/// Built beside the old one and named like it only when everything, checks included, has passed.
plan::Plan setup_plan(const Context& context, const ReplacementTarget& ground,
                      const SetupScripts& scripts, const SetupOptions& options);

/// For a database that this role may not replace: schema, seeds and checks in one transaction over
/// what is emptied in it. Nothing is set aside.
plan::Plan in_place_plan(const Context& context, ReplacementTarget& ground,
                         const SetupScripts& scripts, const SetupOptions& options);

/// For a database with nothing in it: the same without emptying, and nothing where it has something
/// by then.
plan::Plan fill_plan(const Context& context, const ReplacementTarget& ground,
                     const SetupScripts& scripts);

/// The same where programs make the schema or the seeds: not in one transaction.
plan::Plan run_plan(const Context& context, const ReplacementTarget& ground,
                    const SetupScripts& scripts);

} // namespace crudctl::commands
