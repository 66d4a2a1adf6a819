#pragma once

#include "support/process/environment.hpp"
#include "support/system/line_log.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace crudctl::plan {

/// A database as it was once seen under a protected profile.
struct ProtectedDatabase {
    std::string server; // system_identifier
    std::string database;
    std::string oid;
    std::string environment; // that its marker had then
    std::string profile;
    std::string target; // the target line
    // Where it answered, for servers that don't tell this role what they call themselves. This
    // machine has no address.
    std::string address = {};
    std::string port = {};
    std::string at = {}; // UTC

    bool operator==(const ProtectedDatabase&) const = default;
};

/// A protected profile that could not be looked at, and where it leads by what its host's name
/// stood for.
struct Unreached {
    std::string profile;
    std::string target; // as lead_text() has it
    std::string database;
    std::vector<std::string> addresses;
    std::string port;
    std::string at; // UTC
};

/// "" for what leads to this machine without a network, else the address.
std::string machine_of(const std::string& address);

/// What this user saw under protected profiles, on this machine: JSON lines, one for each database.
/// A tunnel changes a server's host and port, but not what it calls itself.
class ProtectedDatabases {
public:
    explicit ProtectedDatabases(std::filesystem::path file) : m_log(std::move(file)) {}
    /// Those in the user's state folder; nothing where no place can be told. Throws
    /// Error(configuration) where that folder is not to be relied on.
    static std::optional<ProtectedDatabases> of_user(const Environment& environment);

    /// Adds it unless that is what was seen last, within a day. Throws Error(failed), and
    /// Error(configuration) where the file cannot be read.
    void remember(const ProtectedDatabase& sighting) const;

    /// The last one of the database with this name or OID on a server. What cannot be read as one
    /// is passed over. Throws Error(configuration) where the file cannot be read; so do all that
    /// follow.
    std::optional<ProtectedDatabase> find(const std::string& server, const std::string& database,
                                          const std::string& oid) const;
    /// The last one that is the same by its server's word or, where one of both doesn't know that,
    /// by address, port, name and OID. Of `sighting` that is all that counts.
    std::optional<ProtectedDatabase> find_same(const ProtectedDatabase& sighting) const;
    /// Whether a profile was seen since then that leads there, by the beginning of the target line.
    bool has_seen(const std::string& profile, const std::string& lead,
                  const std::string& since) const;

    /// Keeps that a profile could not be looked at. Throws as remember() does.
    void remember(const Unreached& unreached) const;
    /// The last time that it couldn't.
    std::optional<Unreached> find_unreached(const std::string& profile,
                                            const std::string& lead) const;

private:
    LineLog m_log;
};

} // namespace crudctl::plan
