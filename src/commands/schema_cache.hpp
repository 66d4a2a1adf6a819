#pragma once

#include "database/survey.hpp"
#include "plan/plan.hpp"

#include <string>

namespace crudctl::commands {

// What a schema leads to is kept as a database of its own, which the next build starts from where
// nothing has changed: to copy one takes as long as to make an empty one, however large its schema.

/// What a schema's outcome depends on: its files' bytes with the values of --set, the server's
/// version, and the locale. Empty where it cannot be kept: psql runs it, or it says something of
/// the database as a whole, which a copy would not have.
std::string schema_key(const plan::Step& schema, const database::Survey& survey);

/// The copy to start from; null where there is none that fits.
const database::Copy* kept_schema(pg::Connection& maintenance, const database::Survey& survey,
                                  const std::string& key);

/// Adds the step that keeps one, where making it took long enough; nothing where one is there.
void keep_schema(plan::Plan& plan, const database::Survey& survey, const std::string& key);

/// Adds what drops the kept schemas of former files: but the newest stays, for whoever goes to and
/// fro between two branches. `fitting` is what kept_schema() gave: another one with the same key
/// has old extensions in it.
void drop_stale_schemas(plan::Plan& plan, const database::Survey& survey, const std::string& key,
                        const database::Copy* fitting);

} // namespace crudctl::commands
