#pragma once

#include "support/process/environment.hpp"
#include "support/system/line_log.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace crudctl::plan {

/// The names under which this user, on this machine, began to build databases: JSON lines. A name
/// is written before the database is made. A run that was killed before it could mark what it made
/// is known by that: a comment doesn't travel with a template, so what was copied looks like
/// anybody's.
class BuildLog {
public:
    explicit BuildLog(std::filesystem::path file) : m_log(std::move(file)) {}
    /// The one in the user's state folder; nothing where no place can be told.
    static std::optional<BuildLog> of_user(const Environment& environment);

    /// `server` is its system_identifier. Throws Error(failed).
    void note(const std::string& server, const std::string& name) const;
    /// Throws Error(configuration) where the file cannot be read.
    bool has(const std::string& server, const std::string& name) const;

private:
    LineLog m_log;
};

} // namespace crudctl::plan
