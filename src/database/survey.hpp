#pragma once

#include "database/copies.hpp"
#include "database/database.hpp"
#include "database/marker.hpp"
#include "pg/connection.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::database {

/// What the live server says of itself, of us and of one database: enough for whoever reads it or
/// adds to it.
struct ShortSurvey {
    std::string database;
    std::string dialed;        // the database that this session was opened for
    std::string answered;      // the one that it is in: a pooler may lead elsewhere
    std::string version;       // as version() gives it
    std::string role;          // current_user
    std::string managed_roles; // a managed service's own roles; empty on a plain server
    std::string address;       // that answered; empty for a Unix socket
    std::string identity;      // system_identifier; empty where this role may not read it
    std::string now;           // the server's time, UTC
    bool is_standby = false;
    bool is_read_only = false;
    bool has_citus = false;        // loaded on the server, not necessarily used
    bool is_behind_pooler = false; // the log-in's process id is not the backend's

    bool exists = false; // the rest is meaningless where it doesn't
    std::string oid;
    std::string owner;
    bool is_owner = false;
    Comment comment;

    /// The marker, where it was written for this database on this server.
    const Marker* marker() const;
};

/// The same and what must be known before the database is made, replaced or dropped.
struct Survey : ShortSurvey {
    std::string standbys;     // that follow this server, by application
    std::string locale;       // encoding and locale; where the database doesn't exist, of a new one
    std::string fresh_locale; // of a new one
    std::string tablespace;   // empty: the one of a new database
    std::vector<std::string> settings; // "name=value" that this role's sessions there begin with
    std::string roles;       // digest of the session's start, and the asked-for roles with OIDs
    bool may_create = false; // CREATEDB
    bool owner_acts_as_us = true; // the owner may act as the role at hand
    std::vector<Copy> copies;     // that stand in for it; there may be some without it, too
    std::vector<Copy> others;     // that say so, and are somebody else's or may be

    bool may_make_for_owner = false; // since 16 that takes more than being a member of the owner
    bool is_valid = true;            // false: an interrupted DROP DATABASE left it behind
    std::optional<std::size_t> size; // bytes; nothing where this role may not know
    std::optional<std::size_t> room; // bytes left on the server's disk, where it is this machine's
    std::string prepared_transactions;
    std::string replication_slots;
    std::string subscriptions;
    /// Whether other roles than the owners have rights in it, or somebody made a publication or an
    /// extension, as far as the catalogs tell that all databases share: they don't know of what the
    /// server's first superuser made, nor of what everybody may.
    bool may_lose_rights = false;
    std::string sessions; // "flask (2, 1 in a transaction), psql (1)": other people's
};

/// Both take one round trip, over a connection to the database itself or to any other one of its
/// server; the short one takes a new session a third of the other's time. Over a connection to the
/// database itself they tell of the one that answered. Throw ServerError.
ShortSurvey take_short_survey(pg::Connection& connection, const std::string& database);
/// With names of roles it tells what acts on a build: how a session begins, and which of them there
/// are.
Survey take_survey(pg::Connection& connection, const std::string& database,
                   const std::optional<std::set<std::string>>& role_names = {});

/// The survey of the connection's own database, and what is in it, in one round trip.
struct SurveyWithin {
    Survey survey;
    std::vector<TableRows> tables;
};
/// Throws ServerError.
SurveyWithin take_survey_within(pg::Connection& connection, const std::string& database);

/// Looks as closely as whoever asks has to, in one round trip where that was known before.
class Surveyor {
public:
    enum class Extent { brief, whole };
    /// Throws ServerError, as whole() does.
    Surveyor(pg::Connection& connection, const std::string& database, Extent extent);

    const ShortSurvey& seen() const { return m_whole ? *m_whole : m_short; }
    const Survey& whole();

private:
    pg::Connection& m_connection;
    ShortSurvey m_short;
    std::optional<Survey> m_whole;
};

/// Throws ConnectError for a server that crudctl would misunderstand: before 14, CockroachDB,
/// Redshift, PgBouncer's console.
void require_supported(const pg::Connection& connection);

// What would make a later step fail is said before the first one, with the right that is missing.

/// Throws Error(connection) on a standby and on a server that only reads.
void require_primary(const ShortSurvey& survey);
/// Throws Error(refused) where the name that was dialled leads to another database: a pooler's
/// alias, or a server that has one database for all names.
void require_same_name(const ShortSurvey& survey);
/// Throws Error(connection) behind a pooler, where locks land in somebody else's session.
void require_own_session(const ShortSurvey& survey);
/// Throws Error(refused) where this role may not create databases, or not one of the owner's beside
/// the one that exists.
void require_creatable(const Survey& survey);
/// Throws Error(refused) where an interrupted DROP DATABASE left the database behind: it can only
/// be dropped.
void require_valid(const Survey& survey);
/// Throws Error(refused) where this role may not drop or rename the database, or where prepared
/// transactions or replication slots hold on to it. Nothing where there is no database.
void require_droppable(const Survey& survey);
/// Throws Error(refused) where this role may not rename databases, its own included.
void require_renamable(const Survey& survey);
/// Throws Error(refused) where it is known that a copy of the database doesn't fit.
void require_room(const Survey& survey);

} // namespace crudctl::database
