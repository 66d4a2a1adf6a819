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

} // namespace crudctl::script
