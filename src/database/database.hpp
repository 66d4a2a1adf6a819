#pragma once

#include "pg/connection.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::database {

/// Did it have to be done?
enum class Change { made, was_so };

/// CREATE DATABASE from template0, so that nothing site-local and no busy template1 gets in the
/// way. An existing one is left as it is. Throws ServerError.
Change create_database(pg::Connection& maintenance, const std::string& name);

/// A database that is made like another one, and what is done to it in the same round trip.
struct Making {
    std::string name;
    std::string creation; // as in Locked
    std::string then;     // statements of PL/pgSQL about it, for one transaction; may be empty
};

/// CREATE DATABASE from template0 with another one's encoding, locale and tablespace; gives its
/// OID. Throws ServerError: where its failed_result() is 0, there is none, or another one has the
/// name; otherwise it is there, and `then` was not done.
std::string create_like(pg::Connection& maintenance, const Making& making);

/// What makes it, for Connection::start_sequence(): CREATE DATABASE first; the last one's result is
/// the OID.
std::vector<std::string> statements_of(const pg::Connection& connection, const std::string& create,
                                       const Making& making);

/// Statements of PL/pgSQL for block_sql() that give the database named `to` what hangs on the OID
/// of another one, so that it would be lost in a change of names: privileges, settings of the
/// database and of roles in it, limit, whether it is a template and takes connections, security
/// labels. What was said of the new one itself wins. Empty where there is no such OID.
std::string carry_over_sql(const pg::Connection& connection, const std::string& from_oid,
                           const std::string& to);

/// A statement that fails unless the session that runs it is in this very database: a pooler, or a
/// server with one database for all names, may lead elsewhere. With an identity also unless it is
/// on that server, where the role may read it.
std::string require_database_sql(const pg::Connection& connection, const std::string& name,
                                 const std::string& oid, const std::string& server_identity = {});

/// The tables of the connection's database with their rows as ANALYZE counted them.
struct TableRows {
    std::string schema;
    std::string name;
    long long rows = 0;    // -1: never counted, or not here
    std::size_t size = 0;  // bytes, with indexes
    bool is_exact = false; // ANALYZE reads all of a table of that size, and not just a sample
};
std::vector<TableRows> table_rows(pg::Connection& connection);

/// From the results of counting_statements(): the last one, or each row of it.
std::vector<TableRows> table_rows_in(const pg::Result& result);

enum class RowCount { just_now, formerly };
/// "2 tables, 7 rows", "2 tables, about 7000000 rows": rows only where all were counted.
std::string contents_text(const std::vector<TableRows>& tables, RowCount count);

/// ANALYZE of the database's own tables, then the same as table_rows(), in one round trip.
std::vector<TableRows> count_rows(pg::Connection& connection);
/// Statements for the same, for one transaction. They fail where there are more tables than that
/// may lock, which count_rows() knows a way around.
std::vector<std::string> counting_statements();

/// Why a copy of the connection's database would not be all of it: Citus keeps rows on other nodes,
/// which CREATE DATABASE … TEMPLATE and a rename don't reach. Empty where it holds all of its rows.
/// Up to three round trips where the extension is there, one elsewhere. Throws ServerError.
std::string distribution_of(pg::Connection& connection);

/// A database of the server that a file names.
struct OtherDatabase {
    std::string name;
    std::string oid;
    std::string comment;
};

/// Those of the names that are there, in one round trip. Throws ServerError.
std::vector<OtherDatabase> other_databases(pg::Connection& connection,
                                           const std::vector<std::string>& names);

/// Those that bear a line of crudctl's and that this role could change, but for the one of that
/// name. Throws ServerError.
std::vector<OtherDatabase> databases_in_reach(pg::Connection& connection, const std::string& own);

/// A digest of what the catalogs that all databases share say of the one with this OID: name,
/// owner, privileges, limits, settings, comment. Empty where it is gone. Throws ServerError.
std::string shared_state_of(pg::Connection& connection, const std::string& oid);

/// Gives the database with that OID, renamed or not, the comment that it had. Throws ServerError.
void put_comment_back(pg::Connection& connection, const OtherDatabase& database);

/// Statements for the end of a transaction. First what would run at the COMMIT is run, or let go
/// of: deferred constraints and cursors that are held. The last one fails with
/// sqlstate::failed_test where the transaction has changed something of another database than its
/// own and those with these OIDs, whether by a statement or by a function. Changes through another
/// session, dblink's for one, aren't seen.
std::vector<std::string> statements_before_commit(const pg::Connection& connection,
                                                  const std::vector<std::string>& oids);

/// A query of ours in which a literal stands for the setting that it would read by hand.
std::string with_literal(std::string query, const std::string& setting, const std::string& literal);

/// A DO statement, with its semicolon, that runs these statements of PL/pgSQL with an empty search
/// path, so that nothing of others' runs in their place, and puts the session's path back behind
/// them: it may stand in the midst of a transaction of files.
std::string block_sql(const pg::Connection& connection, const std::string& statements);

} // namespace crudctl::database
