#pragma once

#include "support/environment.hpp"
#include "support/line_log.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace crudctl::plan {

/// A database as it was once seen under a protected profile.
struct Sighting {
    std::string server; // system_identifier
    std::string database;
    std::string oid;
    std::string environment; // that its marker had then
    std::string profile;
    std::string target; // the target line

    bool operator==(const Sighting&) const = default;
};

/// What this user saw under protected profiles, on this machine: JSON lines, one for each database.
/// A tunnel changes a server's host and port, but not what it calls itself.
class Sightings {
public:
    explicit Sightings(std::filesystem::path file) : m_log(std::move(file)) {}
    /// Those in the user's state folder; nothing where no place can be told.
    static std::optional<Sightings> of_user(const Environment& environment);

    /// Adds it unless that is what was seen last. Throws Error(failed), and Error(configuration)
    /// where the file cannot be read.
    void remember(const Sighting& sighting) const;

    /// The last one of the database with this name or OID on a server. What cannot be read as one
    /// is passed over. Throws Error(configuration) where the file cannot be read.
    std::optional<Sighting> find(const std::string& server, const std::string& database,
                                 const std::string& oid) const;

private:
    LineLog m_log;
};

} // namespace crudctl::plan
