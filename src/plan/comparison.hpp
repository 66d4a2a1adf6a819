#pragma once

#include "database/content.hpp"
#include "plan/plan.hpp"
#include "plan/run_state.hpp"
#include "support/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Compares what a run made with what was there, and tells or refuses what would be lost.
class Comparison {
public:
    /// The state has to outlive this.
    explicit Comparison(RunState& state) : m_state(state) {}

    /// Of a build with the target. Gives the process id of the session that it opened there, 0 for
    /// none. Warns of each grant and each object that the build lacks; throws Error(refused) where
    /// the step allows no lost grants. `unchanged` says what a failure leaves, as a sentence.
    int compare(const CompareContent& step, pg::Connection& build, const std::string& unchanged);

    /// Before a database is emptied: notes what is in it.
    void note_holdings(pg::Connection& connection);
    /// Before the commit: the same with what was noted. Throws Error(refused) where the step wants
    /// all of it again, and it isn't there.
    void require_remade(const LoadScripts& step, pg::Connection& connection,
                        const std::string& unchanged);

private:
    void print_not_compared(const Error& error);
    std::string accepting_hint() const;
    void report(const database::Losses& losses, bool are_refused, const std::string& unchanged);

    RunState& m_state;
    std::optional<database::Holdings> m_before; // an emptying
};

} // namespace crudctl::plan
