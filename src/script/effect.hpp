#pragma once

#include "script/lexer.hpp"

#include <string_view>

namespace crudctl::script {

/// What a statement does to what is in a database already.
enum class Effect {
    adds,     // nothing that was there can be gone or different afterwards
    destroys, // it may be, or nobody can tell
};

/// Judged by the statement's own words. It adds if it is one of
///   CREATE without OR REPLACE · INSERT without ON CONFLICT DO UPDATE · COPY FROM a file or STDIN,
///   COPY TO STDOUT · COMMENT · GRANT · SELECT, VALUES, TABLE, WITH without a data-modifying part ·
///   SET, RESET, SHOW · ANALYZE · BEGIN, START, COMMIT, END, SAVEPOINT, RELEASE ·
///   ALTER that only adds, attaches, enables, gives a default or changes the owner.
/// Everything else destroys: DROP, TRUNCATE, DELETE, UPDATE, MERGE, REVOKE, DO, CALL and whatever
/// is not known here. What functions, triggers and rules do behind the words is not looked into.
Effect effect_of(std::string_view statement, Backslashes backslashes = Backslashes::literal);

/// Whether it is a query that changes nothing by its own words: SELECT, VALUES, TABLE, WITH, SHOW
/// or EXPLAIN without INSERT, UPDATE, DELETE, MERGE or INTO in it. A function may still write: for
/// that there is a READ ONLY transaction.
bool only_reads(std::string_view statement, Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
