#include "database/lock.hpp"

#include "database/queries.hpp"
#include "support/process/interrupt.hpp"

#include <array>
#include <optional>
#include <thread>

#include <fmt/format.h>

namespace crudctl::database {

namespace {

using namespace std::chrono_literals;

constexpr auto between_tries = 200ms;

/// The same for everybody who means the same database on this server.
std::string lock_name(const std::string& target)
{
    return "crudctl " + target;
}

std::string holder_of(pg::Connection& maintenance, const std::string& target)
{
    const pg::Result result = maintenance.look(queries::lock_holder, lock_name(target));
    return result.empty() ? "somebody"
                          : fmt::format("{} as {} (pid {})", result[0].text("application"),
                                        result[0].text("role"), result[0].text("pid"));
}

} // namespace

Locked lock_target(pg::Connection& maintenance, const LockRequest& request)
{
    const std::string& target = request.target;
    const std::string& source = request.attributes_of.empty() ? target : request.attributes_of;
    const std::array<std::optional<std::string>, 3> values = {lock_name(target), target, source};
    const CopiesQuery copies(target, false);
    const auto deadline = std::chrono::steady_clock::now() + request.timeout;
    for (;;) {
        // A snapshot that is older than the lock can only miss what ended this very moment; the
        // swap notices by the OID.
        const std::vector<pg::Result> results = maintenance.look(std::array<pg::BoundStatement, 2>{
            pg::BoundStatement{queries::lock, values}, copies.statement()});
        const pg::Row row = results.at(0)[0];
        if (row.is_true("is_ours")) {
            return {row.text("oid"),
                    parse_comment(row.text("comment")),
                    row.text("creation"),
                    row.text("owner_for_next"),
                    parse_comment(row.text("comment_for_next")).text,
                    row.text("oid_for_next"),
                    read_copies(results.at(1), {target, row.text("oid"), request.server_identity})};
        }
        if (std::chrono::steady_clock::now() > deadline) {
            throw Error(ExitCode::busy,
                        fmt::format("database \"{}\" is being replaced by {}", target,
                                    holder_of(maintenance, target)),
                        "try again when that has ended; nothing was changed");
        }
        std::this_thread::sleep_for(between_tries);
        interrupt::throw_if_pending();
    }
}

void end_holder(pg::Connection& maintenance, const std::string& target, int backend_pid)
{
    maintenance.look(queries::ended_lock_holder, lock_name(target), backend_pid);
}

} // namespace crudctl::database
