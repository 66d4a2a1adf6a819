#pragma once

#include "script/sql/lexer.hpp"

#include <string>
#include <string_view>

namespace crudctl::script {

/// A statement that leaves the database, and where it stands.
struct ServerSide {
    std::string place; // "sql/schema.sql:12"
    std::string text;
};

/// Whether a statement has the server run a program or read or write files, by its words:
///   COPY … PROGRAM, COPY from or to a file, LOAD, ALTER SYSTEM, CREATE TABLESPACE; a language
///   other than the trusted ones (sql, plpgsql, plperl, pltcl, plv8), as CREATE LANGUAGE, LANGUAGE
///   or the extension that brings it; lo_import, pg_read_file and their like, file_fdw, the roles
///   that may do such things and the settings that name libraries or commands, wherever these names
///   stand.
/// Bodies and strings that are run (DO, CREATE FUNCTION, EXECUTE) are looked into. Text that is put
/// together at run time is judged by its pieces, which somebody who wants to deceive can get
/// around.
bool is_server_side(std::string_view statement, Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
