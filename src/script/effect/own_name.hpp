#pragma once

#include "script/sql/words.hpp"

#include <string_view>
#include <vector>

namespace crudctl::script {

// current_database() and current_catalog, in a database that has another name while it is built.

/// Whether the word is one of the two, or its quoted name.
bool is_own_name(const Word& word);

/// False where a statement names neither of them, nor the information schema, which gives the name
/// as well.
bool may_give_own_name(std::string_view statement);

/// Whether a statement keeps the name in rows, by its words alone: also as a column of the
/// information schema.
bool keeps_own_name(const Words& words);

/// CREATE TABLE … AS, which keeps rows and no expression.
bool makes_table_of_rows(const Words& words);

/// Where a statement of rows (INSERT, SELECT, CREATE TABLE AS and their like) calls
/// current_database() or says current_catalog for the name's own sake. None where one of them is a
/// table, or where the statement looks into catalogs, which know the database by the name that it
/// has.
std::vector<Token> own_name_calls(std::string_view statement,
                                  Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
