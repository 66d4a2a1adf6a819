#include "plan/bare_watch.hpp"

#include "database/marker.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::plan {

std::vector<database::OtherDatabase> BareWatch::protected_in_reach() const
{
    auto databases =
        database::databases_in_reach(m_state.sessions.maintenance(), m_state.plan.database);
    std::erase_if(databases, [](const database::OtherDatabase& one) {
        return !database::protects(database::parse_comment(one.comment));
    });
    return databases;
}

void BareWatch::before(const std::string& place, bool has_commit, const std::string& state)
{
    if (!m_protected) {
        m_protected = protected_in_reach();
        m_place = place;
        const bool is_building = !m_state.build.name.empty();
        if (is_building && !m_state.plan.oid.empty()) {
            m_old_state =
                database::shared_state_of(m_state.sessions.maintenance(), m_state.plan.oid);
        }
    }
    if (has_commit && !m_protected->empty()) {
        throw Error(ExitCode::refused,
                    fmt::format("{} commits by itself, so that crudctl cannot see whether it "
                                "changes \"{}\", which is protected; {}",
                                place, printable(m_protected->front().name), state),
                    "take the COMMIT out of it: each file is one transaction");
    }
}

// VACUUM and CREATE INDEX CONCURRENTLY may run code of the file's, too: an event trigger's for one.
void BareWatch::after(const std::string& place, const std::string& state)
{
    if (m_protected->empty()) {
        return;
    }
    const auto now = protected_in_reach();
    for (const database::OtherDatabase& before : *m_protected) {
        if (std::ranges::find(now, before.oid, &database::OtherDatabase::oid) != now.end()) {
            continue;
        }
        database::put_comment_back(m_state.sessions.maintenance(), before);
        throw Error(ExitCode::refused,
                    fmt::format("\"{}\" lost its mark while {} ran, and got it back; {}",
                                printable(before.name), place, state),
                    "look for code that composes statements, such as an event trigger's");
    }
}

void BareWatch::finish()
{
    const std::string before = std::exchange(m_old_state, {});
    if (before.empty() ||
        before == database::shared_state_of(m_state.sessions.maintenance(), m_state.plan.oid)) {
        return;
    }
    throw Error(
        ExitCode::failed,
        fmt::format("\"{}\" was changed while statements ran that commit by themselves, from "
                    "{} on, and stays so: its owner, privileges, settings or comment; its "
                    "tables are as they were",
                    printable(m_state.plan.database), m_place),
        "look for code that composes statements: current_database() is the database that "
        "is being built");
}

} // namespace crudctl::plan
