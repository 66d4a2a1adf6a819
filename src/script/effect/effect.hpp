#pragma once

#include "script/sql/lexer.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace crudctl::script {

/// What a statement does to what is in a database already, the least first.
enum class Effect {
    adds,     // nothing that was there can be gone or different afterwards
    calls,    // so by its words, but it calls a function, which may do anything
    destroys, // it may be, or it can't be told
};

/// What a database is known to have before the run.
struct KnownFunctions {
    /// Of extensions that make random values, uuid-ossp and pgcrypto: the schema by the name. No
    /// other function of the database is called as one of theirs.
    std::map<std::string, std::string> generators;
    /// What `row.name` may call.
    std::set<std::string> of_rows;
};

/// Judges a statement alone, as EffectJudge does.
Effect effect_of(std::string_view statement, Backslashes backslashes = Backslashes::literal,
                 const KnownFunctions& known = {});

/// Whether it is a query that changes nothing by its own words: SELECT, VALUES, TABLE, WITH, SHOW
/// or EXPLAIN without INSERT, UPDATE, DELETE, MERGE or INTO in it. A function may still write: for
/// that there is a READ ONLY transaction.
bool only_reads(std::string_view statement, Backslashes backslashes = Backslashes::literal);

/// Whether it names a function, with its parenthesis, that READ ONLY does not stop: acts_outside();
/// or one that runs SQL which does not stand there as a literal.
bool calls_outside(std::string_view statement, Backslashes backslashes = Backslashes::literal);

/// COMMIT, END, ROLLBACK, ABORT or PREPARE TRANSACTION: whether no transaction goes on behind it.
bool ends_transaction(std::string_view statement);

/// Every name in it, as the server folds it, and in its strings where a function runs them:
/// whatever it calls by a name is among them.
std::set<std::string> called_names_in(std::string_view statement,
                                      Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
