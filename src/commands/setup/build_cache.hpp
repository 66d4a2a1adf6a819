#pragma once

#include "database/survey.hpp"
#include "plan/plan.hpp"

#include <string>
#include <vector>

namespace crudctl::commands {

// What files lead to is kept as a database of its own, which the next build starts from where
// nothing has changed: to copy one takes as long as to make an empty one, however large its schema.

/// How far a build has come, and the database that was kept of that.
struct CachedBuild {
    database::StandInKind kind = database::StandInKind::schema; // or seeded
    std::string key; // of what it depends on; empty: neither to be kept nor to be started from
    const database::Copy* copy = nullptr; // that fits; null: none

    explicit operator bool() const { return copy != nullptr; }
};

/// What a schema's files are, with the values of --set.
std::string digest_of_files(const plan::Step& schema);

/// After the schema. It depends on its files' bytes with the values of --set, the server's version,
/// the locale, and the extensions in it. It cannot be kept where psql runs the files, or they say
/// something of the database as a whole that a copy would not have.
CachedBuild start_after_schema(pg::Connection* maintenance, const plan::Step& schema,
                               const database::Survey& survey);

/// After the seeds, too: it depends on their names and bytes as well, and fits for a day, since
/// seeds know the time.
CachedBuild start_after_seeds(pg::Connection* maintenance, const CachedBuild& after_schema,
                              const plan::Step& seeds, const database::Survey& survey);

/// Adds the steps that keep it, where making it took long enough, in place of one that has the same
/// key and does not fit any more; nothing where one fits.
void add_cache_step(plan::Plan& plan, const database::Survey& survey, const CachedBuild& start);

/// Adds what drops those that were made from other files: but the newest of each kind stays, for
/// whoever goes to and fro between two branches.
void drop_stale_starts(plan::Plan& plan, const database::Survey& survey,
                       const std::vector<CachedBuild>& starts);

} // namespace crudctl::commands
