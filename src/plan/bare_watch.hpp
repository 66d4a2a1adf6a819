#pragma once

#include "database/database.hpp"
#include "plan/run_state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Watches other databases while statements commit by themselves, so that no test goes before their
/// COMMIT: those that are protected, and the one that is to be replaced.
class BareWatch {
public:
    /// The state has to outlive this.
    explicit BareWatch(RunState& state) : m_state(state) {}

    /// Before each such statement; `place` is "sql/schema.sql:12", and `has_commit` says that it is
    /// code with a COMMIT inside. Throws Error(refused) for such code where it could change a
    /// protected database. `state` is what a failure leaves, as a sentence.
    void before(const std::string& place, bool has_commit, const std::string& state);
    /// Behind each. A mark that it took away is put back as it was, and Error(refused) thrown.
    void after(const std::string& place, const std::string& state);
    /// Behind all of them. Throws Error(failed) where the database that is to be replaced has
    /// changed.
    void finish();

private:
    std::vector<database::OtherDatabase> protected_in_reach() const;

    RunState& m_state;
    /// As they were before the first such statement.
    std::optional<std::vector<database::OtherDatabase>> m_protected;
    std::string m_old_state; // of the database that is to be replaced; empty: none was run
    std::string m_place;     // of the first one
};

} // namespace crudctl::plan
