#include "database/lock.hpp"

#include "database/copies.hpp"
#include "database/name.hpp"
#include "database/queries.hpp"
#include "support/interrupt.hpp"

#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::database {

namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr auto between_tries = 200ms;

/// The same for everybody who means the same database on this server.
std::string lock_name(const std::string& target)
{
    return "crudctl " + target;
}

std::string holder_of(pg::Connection& maintenance, const std::string& target)
{
    const pg::Result result = maintenance.exec(queries::lock_holder, lock_name(target));
    return result.empty() ? "somebody"
                          : fmt::format("{} as {} (pid {})", result[0].text("application"),
                                        result[0].text("role"), result[0].text("pid"));
}

std::vector<std::string> strings_in(const std::string& json)
{
    return json.empty() ? std::vector<std::string>()
                        : Json::parse(json).get<std::vector<std::string>>();
}

/// By its marker; or, where the run was killed before it could write one, by its name, which only
/// we make like that.
bool is_left_over(const std::string& name, const Json& comment, const std::string& target)
{
    if (comment.is_null()) {
        return is_next_name(name, target);
    }
    const Comment parsed = parse_comment(comment.get<std::string>());
    const auto& stand_in = parsed.marker ? parsed.marker->stand_in : std::nullopt;
    return stand_in && stand_in->kind == StandInKind::next && stand_in->target == target;
}

std::vector<std::string> left_overs_in(const std::string& json, const std::string& target)
{
    std::vector<std::string> names;
    if (!json.empty()) {
        for (const Json& suspect : Json::parse(json)) {
            const auto name = suspect.at("name").get<std::string>();
            if (is_left_over(name, suspect.at("comment"), target)) {
                names.push_back(name);
            }
        }
    }
    return names;
}

} // namespace

Locked lock_target(pg::Connection& maintenance, const LockRequest& request)
{
    const std::string& target = request.target;
    const std::string& source = request.attributes_of.empty() ? target : request.attributes_of;
    const auto deadline = std::chrono::steady_clock::now() + request.patience;
    for (;;) {
        // A snapshot that is older than the lock can only miss what ended this very moment; the
        // swap notices by the OID.
        const pg::Result result =
            maintenance.exec(queries::lock, lock_name(target), target, source, request.next,
                             stand_in_needle(target), next_prefix(target));
        const pg::Row row = result[0];
        if (row.is_true("is_ours")) {
            return {row.text("oid"),
                    parse_comment(row.text("comment")),
                    row.text("creation"),
                    parse_comment(row.text("comment_for_next")).text,
                    strings_in(row.text("attributes")),
                    left_overs_in(row.text("suspects"), target)};
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
    maintenance.exec(queries::ended_lock_holder, lock_name(target), backend_pid);
}

} // namespace crudctl::database
