#pragma once

#include "script/sql/lexer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A statement of a file that reaches beyond the database it is loaded into.
struct OutsideStatement {
    std::string what;                   // "CREATE ROLE app"
    std::vector<std::string> databases; // other ones that it names
    bool has_unknown_name = false;      // of a database: a variable, or letters by an escape
    bool changes_catalog = false;       // one that all databases of the server share
    std::string file;                   // as shown
    std::size_t line = 0;

    /// `CREATE ROLE app (sql/schema.sql:3)`.
    std::string text() const;
};

/// What the statement does outside of `database`, by its own words: COMMENT, ALTER, GRANT, REVOKE,
/// SECURITY LABEL, CREATE and DROP of another DATABASE, ALTER ROLE … IN DATABASE, ALTER SYSTEM,
/// roles and their membership, tablespaces, rights on parameters, and the OWNED BY of a role.
/// What stands in the body of a DO or a function counts, strings in it included. So does a change
/// of the rows of pg_database and the other catalogs that all databases share. `what` is empty
/// where it does nothing there.
OutsideStatement outside_of(std::string_view statement, std::string_view database,
                            Backslashes backslashes = Backslashes::literal);

/// The same of what a query gives out as SQL (psql's \gexec): all strings in it count as code. One
/// that speaks of a DATABASE and shows neither its name nor current_database() has an unknown name.
OutsideStatement outside_of_generated(std::string_view query, std::string_view database);

/// What statements say of the database that they are loaded into, as a whole.
struct DatabaseChanges {
    /// New sessions may begin with other settings: ALTER DATABASE or ALTER ROLE … SET, also in a
    /// body.
    bool may_change_sessions = false;
    /// The parameters that are set so by words that can be read, in lower case.
    std::vector<std::string> settings;
    /// A copy of the database would lack some of it: COMMENT, OWNER TO, roles that code makes.
    bool is_lost_by_copy = false;

    /// Takes a statement; `is_about_own` where it names that very database.
    void add(std::string_view statement, bool is_about_own,
             Backslashes backslashes = Backslashes::literal);
    void add(const DatabaseChanges& other);
};

} // namespace crudctl::script
