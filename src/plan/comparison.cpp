#include "plan/comparison.hpp"

#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::plan {

namespace {

/// The first of them, and how many more there are.
std::string shown_list(const std::vector<std::string>& parts)
{
    constexpr std::size_t most_shown = 20;
    const std::size_t shown = std::min(parts.size(), most_shown);
    const auto end = parts.begin() + static_cast<std::ptrdiff_t>(shown);
    return printable(fmt::format("{}", fmt::join(parts.begin(), end, ", "))) +
           (shown < parts.size() ? fmt::format(" and {} more", parts.size() - shown) : "");
}

} // namespace

int Comparison::compare(const CompareContent& step, pg::Connection& build,
                        const std::string& unchanged)
{
    using LostGrants = CompareContent::LostGrants;
    int opened = 0;
    m_state.outcome.losses = {};
    try {
        const auto old_one = m_state.runtime.connect(m_state.plan.database);
        opened = old_one->backend_pid();
        m_state.outcome.losses = database::compare(*old_one, build);
    } catch (const pg::ConnectError& error) {
        if (step.lost_grants == LostGrants::refused) {
            throw Error(ExitCode::refused,
                        fmt::format("what the old one grants cannot be compared, and counts as "
                                    "lost: {}; {}",
                                    error.what(), unchanged),
                        accepting_hint());
        }
        print_not_compared(error);
    } catch (const Error& error) {
        if (step.lost_grants != LostGrants::told || interrupt::pending()) {
            throw;
        }
        print_not_compared(error);
    }
    report(m_state.outcome.losses, step.lost_grants == LostGrants::refused, unchanged);
    return opened;
}

void Comparison::note_holdings(pg::Connection& connection)
{
    m_before = database::holdings_of(connection);
}

// Words tell only roughly what files make: this looks.
void Comparison::require_remade(const LoadScripts& step, pg::Connection& connection,
                                const std::string& unchanged)
{
    const database::Holdings now = database::holdings_within(connection);
    report(database::losses_between(*m_before, now), step.must_keep_grants, unchanged);
    const auto missing = database::missing_parts(*m_before, now);
    if (missing.empty()) {
        return;
    }
    if (step.must_remake_all) {
        throw Error(ExitCode::refused,
                    fmt::format("it would drop what the files do not make again: {}; {}",
                                shown_list(missing), unchanged),
                    "add it to the files; --drop-unlisted drops it for good, and asks before");
    }
    m_state.runtime.console.warning(
        fmt::format("dropped, and not made again by the files: {}", shown_list(missing)));
}

void Comparison::print_not_compared(const Error& error)
{
    m_state.runtime.console.warning(fmt::format(
        "whether the new one lacks what the old one grants is not known: {}", error.what()));
}

std::string Comparison::accepting_hint() const
{
    return m_state.runtime.console.can_ask()
               ? "add what it grants to the schema file; --accept-lost-grants goes without, and "
                 "asks before"
               : "add what it grants to the schema file";
}

void Comparison::report(const database::Losses& losses, bool are_refused,
                        const std::string& unchanged)
{
    Console& console = m_state.runtime.console;
    for (const std::string& part : losses.parts) {
        console.warning(fmt::format("the new one lacks what the old one has: {}", part));
    }
    for (const std::string& grant : losses.grants) {
        console.warning(fmt::format("{} in the old one, but not in the new one", grant));
    }
    if (!losses.grants.empty() && are_refused) {
        throw Error(ExitCode::refused,
                    fmt::format("{} would be lost, first: {}; {}",
                                counted(losses.grants.size(), "grant"), losses.grants.front(),
                                unchanged),
                    accepting_hint());
    }
}

} // namespace crudctl::plan
