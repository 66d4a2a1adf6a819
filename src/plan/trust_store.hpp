#pragma once

#include "support/process/environment.hpp"
#include "support/system/line_log.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <utility>

namespace crudctl::plan {

/// What this user has agreed to on this machine: JSON lines with a digest each, in the state
/// folder, for its owner alone.
class TrustStore {
public:
    explicit TrustStore(std::filesystem::path file) : m_log(std::move(file)) {}
    /// The one in the user's state folder. Throws Error(configuration) where no place can be told,
    /// or where that folder is not to be relied on.
    static TrustStore of_user(const Environment& environment);

    /// Throws Error(configuration) where the file is there and cannot be read.
    std::set<std::string> digests() const;

    /// One more. `project` and `text` are for people who look into the file. Throws Error(failed).
    void remember(const std::string& digest, const std::string& project,
                  const std::string& text) const;

private:
    LineLog m_log;
};

} // namespace crudctl::plan
