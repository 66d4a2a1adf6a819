#pragma once

#include "script/sql/position.hpp"
#include "script/sql/source_map.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What a query does to the database, by its own words.
enum class QueryEffect {
    reads,
    disrupts, // reads, but calls what acts outside its transaction: acts_outside()
    adds,
    destroys,
};

/// A SQL file of one statement whose parameters have names.
struct NamedQuery {
    std::string sql;                     // the statement, with $1…$n in the place of the names
    std::vector<std::string> parameters; // the name of each $n
    std::string description;             // the first line of the comment before it
    QueryEffect effect = QueryEffect::destroys;
    bool calls = false; // adds, and is Effect::calls: destroys on a protected target

    Place place;                       // of the statement, in the file
    std::vector<Expansion> expansions; // in `sql`: what stands for something else of the file
};

/// Reads `:name` and `:'name'`, as psql and aiosql have them, or `%(name)s`, as psycopg has it;
/// nothing in strings, quoted names and comments, no cast (`::`), and no slice (`a[1:n]`: what
/// follows a value or a name at once is none). A file with `%(name)s` is psycopg's: there `%%` is a
/// percent sign wherever it stands, and `:name` is no parameter of anybody's.
///
/// Throws ScanError, its place in the file: where there is no statement or a second one, psql's
/// commands, COPY, or what ends or begins a transaction; at `%s`, `$1` and `:"name"`, which have no
/// name or can't be bound; and where a file has both notations.
NamedQuery parse_named_query(std::string_view text);

/// Where in the file (`text`, as it was parsed) the byte `at` of the query's `sql` comes from.
Place place_in_file(const NamedQuery& query, std::string_view text, std::size_t at);

/// Where in `sql` the parameter is used first.
std::size_t first_use(const NamedQuery& query, std::string_view parameter);

} // namespace crudctl::script
