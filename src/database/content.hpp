#pragma once

#include "database/marker.hpp"
#include "pg/connection.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::database {

/// What a database that replaces another one lacks, in words: "role app may SELECT on table
/// public.users".
struct Losses {
    std::vector<std::string> grants; // on objects that both have
    std::vector<std::string> parts;  // extensions, publications, default privileges, row security
};

/// Compares two databases, over a connection to each.
Losses compare(pg::Connection& old_one, pg::Connection& new_one);

/// The extensions of the database at hand with their versions: " citext=1.6 pgcrypto=1.3".
std::string installed_versions(pg::Connection& connection);
/// The same extensions with the versions that CREATE EXTENSION would give them now.
std::string available_versions(pg::Connection& connection, const std::string& installed);

/// What a call may mean in the database at hand.
struct CallableFunctions {
    /// Of uuid-ossp and pgcrypto what is there: the schema by the name. Not where another function
    /// has the name of one of theirs.
    std::map<std::string, std::string> generators;
    /// Names of the functions that `row.name` may call and that may write.
    std::set<std::string> of_rows;
};
/// One round trip. Throws ServerError.
CallableFunctions callable_functions(pg::Connection& connection);

/// A statement that fails with sqlstate::failed_test where one of the names is that of a
/// function in C that may act where no transaction reaches, so that READ ONLY doesn't stop it: a
/// volatile one that is not Postgres' own, and of no extension that is known only to read and to
/// compute. What a function in another language calls isn't looked into.
std::string require_no_acting_function_sql(const pg::Connection& connection,
                                           const std::set<std::string>& names);

/// SQL that drops what the session's role owns in the database at hand. For a transaction.
const std::string& emptying_sql();

/// A thing that emptying_sql() drops and people know by its name.
struct OwnedPart {
    std::string kind; // "table", "extension", …
    std::string schema;
    std::string name;
    std::string owner; // another role than the session's; else empty

    std::string text() const;
    /// The kind with those that share its names, as script::kind_group() has them.
    std::string group() const;
};
std::vector<OwnedPart> owned_parts(pg::Connection& connection);

/// Everything in a database that somebody made, and what roles may do with it.
struct Holdings {
    pg::Result things;
    pg::Result grants;
};
Holdings holdings_of(pg::Connection& connection);
/// The same as the open transaction has it.
Holdings holdings_within(pg::Connection& connection);

/// Lists what was there and is not now, of all owners: tables, columns, routines, constraints …, as
/// the server identifies them, "table column public.users.email". Parts of a missing relation are
/// left out.
std::vector<std::string> missing_parts(const Holdings& before, const Holdings& now);
/// What roles could do and can't now, with things that are there.
Losses losses_between(const Holdings& before, const Holdings& now);

/// A digest of the objects in a database that somebody made, without their rows.
struct Fingerprint {
    std::string oid; // of the database
    std::string objects;
};
Fingerprint fingerprint_of(pg::Connection& connection);

/// A digest of the rows of all tables that the session's role may read: they are read through.
std::string rows_digest(pg::Connection& connection);

/// Whether the database at hand has anything that somebody made: a table, a view, a function, a
/// type.
bool has_content(pg::Connection& connection);

/// Whether the database is as CREATE DATABASE leaves it: without a large object or a schema, too.
bool is_untouched(pg::Connection& connection);
/// A statement that fails where it has.
std::string require_empty_sql();

/// What there is in the database at hand: one round trip.
struct ContentLook {
    bool has_content = false;
    std::optional<Marker> marker; // where it was written for this database
};
ContentLook look_at_content(pg::Connection& connection);

} // namespace crudctl::database
