#pragma once

#include "config/profile/profile.hpp"
#include "operation/context.hpp"
#include "operation/server_notices.hpp"
#include "pg/connection.hpp"
#include "plan/guard.hpp"
#include "server/local_server.hpp"
#include "support/terminal/progress.hpp"

#include <memory>
#include <optional>
#include <string>

namespace crudctl::commands {

/// The database that a command works on, and where it was found.
struct Target {
    config::Profile profile;
    pg::ConnInfo info; // with password, or what makes one, and database
    bool is_own_server = false;
    std::string choice; // choice_text() of the options
    std::string text;   // "local · cruddur · postgres@db:5432 · from CONNECTION_URL"
};

/// The target's line.
std::string target_text(const Target& target);

/// Resolves the chosen profile; nothing is contacted or started. Throws Error(configuration),
/// Error(refused) where the profile wants what is not trusted, and Error(external) where a
/// password_command fails.
Target find_target(Context& context);

/// The same, and says the target line on stderr: for commands that change something.
Target announced_target(Context& context);

/// `crudctl sessions prod`: how to type a command for the same target, with the profile, database
/// and configuration file as they were named for this one.
std::string command_text(const Target& target, std::string_view command);
/// The same for a command whose operands are something else: `crudctl undo -p prod`.
std::string option_command_text(const Target& target, std::string_view command);

/// Whether the profile leads to the project's own server; nothing is started.
bool is_for_own_server(Context& context, const config::Profile& profile);

/// The project's own server, as the settings describe it; nothing is started. Throws Error(refused)
/// where [server] wants what is not trusted.
server::LocalServer own_server(Context& context);
/// Bytes left on the disk of the project's own server; of others nobody can tell from here.
std::optional<std::size_t> room_of(Context& context, const Target& target);

/// Makes and starts the project's own server where the target is on it and it doesn't run; gives
/// how to connect from then on, since a new server may have found its port taken. A Connector does
/// so by itself; this is for who connects in another way. Throws Error(external) where no Postgres
/// is installed.
pg::ConnInfo start_own_server(Context& context, const Target& target);

/// Opens sessions for one command: application name, --wait, notices, progress, --verbose. A target
/// on the project's own server is started when it turns out not to run, which costs a running one
/// no log-in.
class Connector {
public:
    Connector(Context& context, const Target& target);

    /// Throws ConnectError; with --wait only once the time is up. A refused log-in is final.
    std::unique_ptr<pg::Connection> connect(const std::string& database);
    std::unique_ptr<pg::Connection> connect() { return connect(m_target.info.database()); }
    /// How it connects to a database: for a program that does so itself.
    pg::ConnInfo info_for(const std::string& database) const;
    /// The profile's maintenance database, else `postgres`, else `template1`.
    std::unique_ptr<pg::Connection> connect_to_maintenance();

    Context& context() const noexcept { return m_context; }
    const Target& target() const noexcept { return m_target; }
    Progress& progress() noexcept { return m_progress; }
    /// Of all its sessions.
    ServerNotices& notices() noexcept { return m_notices; }

private:
    pg::ConnectionObserver observer();

    Context& m_context;
    const Target& m_target;
    pg::ConnInfo m_info;
    Progress m_progress;
    ServerNotices m_notices;
    bool m_has_started_server = false;
};

/// Why the target is protected, by the profile and by the live server.
plan::ProtectedBecause protection_of(const Target& target, const database::ShortSurvey& survey);

/// Whether a script may confirm by the id of a plan: the profile says so, and the database's mark
/// does, which this role may write.
bool takes_plan_ids(const Target& target, const database::ShortSurvey& survey);

/// "crudctl mark prod -d other".
std::string command_to_mark(const Target& target);

/// "crudctl mark prod --as prod", where the database of a protected profile is there and nobody
/// marked it; else empty.
std::string advice_to_mark(const Target& target, const database::ShortSurvey& survey);

/// What the guard has to know beside the plan, from the profile, the options and the live server.
/// Holds on to all three.
plan::Circumstances circumstances_of(const Context& context, const Target& target,
                                     const database::ShortSurvey& survey);

} // namespace crudctl::commands
