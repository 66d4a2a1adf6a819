#include "commands/lambda/session.hpp"

#include "support/process/interrupt.hpp"
#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// How long a session that lay idle may take to show that it is still there.
constexpr std::chrono::milliseconds longest_probe = 1s;

/// For so long after an event it needs not show it: what the network drops lay idle for minutes.
constexpr std::chrono::milliseconds fresh = 500ms;

/// By the time of day, since the other clock may stand still in a frozen machine.
bool is_fresh(std::chrono::system_clock::time_point last_use)
{
    const auto idle = std::chrono::system_clock::now() - last_use;
    return idle >= 0ms && idle < fresh;
}

constexpr std::string_view lost_session = "57P"; // by an administrator, or the server's crash
constexpr std::array<std::string_view, 4> lost_races = {
    "23505", // unique_violation: the other event's row is there now
    "40001", // serialization_failure
    "40P01", // deadlock_detected
    "55P03", // lock_not_available
};

std::chrono::milliseconds left_until(Clock::time_point deadline)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left <= 0ms) {
        throw TimeIsUp();
    }
    return left;
}

/// The lock that events which run this query wait for: only one at a time can tell whether a row is
/// there already where no unique index says so.
std::string lock_statement(const LambdaQuery& query)
{
    constexpr std::size_t digits = 15; // of a positive bigint
    const std::string hex = sha256_hex("crudctl lambda " + query.name).substr(0, digits);
    return fmt::format("select pg_advisory_xact_lock({})", std::stoll(hex, nullptr, 16));
}

bool is_lost_race(const pg::ServerError& error)
{
    return std::find(lost_races.begin(), lost_races.end(), error.sqlstate()) != lost_races.end();
}

/// What these classes of SQLSTATEs quote are names of tables, columns, roles and constraints.
constexpr std::array<std::string_view, 13> naming_classes = {
    "08", "0A", "23", "25", "28", "3D", "3F", "40", "42", "53", "54", "55", "57"};

constexpr const char* mask = "…";

bool quotes_names_only(const pg::Diagnostic& diagnostic)
{
    const std::string_view type = std::string_view(diagnostic.sqlstate).substr(0, 2);
    return std::find(naming_classes.begin(), naming_classes.end(), type) != naming_classes.end();
}

/// `invalid input syntax for type uuid: "…"`, in the quotes of the server's language.
std::string without_quoted(const std::string& text)
{
    const auto first = text.find_first_of("\"'");
    const auto last = text.find_last_of("\"'");
    if (first == std::string::npos || first == last) {
        return text.substr(0, std::min(first, text.size()));
    }
    return text.substr(0, first + 1) + mask + text.substr(last);
}

} // namespace

TimeIsUp::TimeIsUp() : Error(ExitCode::failed, "there was no answer in the time there is") {}

LambdaSession::LambdaSession(pg::ConnInfo info) : m_info(std::move(info)) {}

void LambdaSession::connect(Deadline deadline)
{
    limit(deadline);
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(left_until(deadline));
    // Half of it, so that there is some left for a second address.
    const auto timeout = std::max<long long>(1, left.count() / 2);
    pg::ConnectionObserver observer;
    observer.on_wait = [this] { left_until(m_limit); };
    m_connection = std::make_unique<pg::Connection>(
        m_info.with("connect_timeout", std::to_string(timeout)), std::move(observer));
}

std::size_t LambdaSession::run(const LambdaQuery& query,
                               std::span<const std::optional<std::string>> values,
                               Deadline deadline)
{
    bool may_try_again = true;
    for (;;) {
        try {
            return try_once(query, values, deadline);
        } catch (const pg::ConnectionLost&) {
            m_connection.reset();
            if (!std::exchange(may_try_again, false)) {
                throw;
            }
        } catch (const pg::ServerError& error) {
            const bool is_lost = error.sqlstate().starts_with(lost_session);
            if (is_lost) {
                m_connection.reset();
            } else {
                roll_back(deadline);
            }
            if ((!is_lost && !is_lost_race(error)) || !std::exchange(may_try_again, false)) {
                throw;
            }
        } catch (...) {
            m_connection.reset(); // in the middle of something
            throw;
        }
    }
}

std::size_t LambdaSession::try_once(const LambdaQuery& query,
                                    std::span<const std::optional<std::string>> values,
                                    Deadline deadline)
{
    probe(deadline);
    if (!m_connection) {
        connect(deadline);
    }
    limit(deadline);
    // A server that waits for a frozen process must not keep the lock for long either.
    const auto left = left_until(deadline).count();
    m_connection->exec_script(fmt::format("begin; set local statement_timeout = {}; "
                                          "set local idle_in_transaction_session_timeout = {}; {}",
                                          left, left, lock_statement(query)));
    const pg::Result result = m_connection->exec(query.sql, values);
    m_connection->exec("commit");
    m_last_use = std::chrono::system_clock::now();
    return result.affected_rows();
}

void LambdaSession::probe(Deadline deadline)
{
    if (!m_connection || is_fresh(m_last_use)) {
        return;
    }
    limit(std::min(deadline, Clock::now() + std::min(longest_probe, left_until(deadline) / 3)));
    try {
        m_connection->exec("select 1");
    } catch (const Error&) { // dead or silent
        m_connection.reset();
        interrupt::throw_if_pending();
    }
}

void LambdaSession::roll_back(Deadline deadline)
{
    limit(std::min(deadline, Clock::now() + longest_probe));
    try {
        m_connection->exec_script("rollback");
    } catch (const Error&) {
        m_connection.reset();
    }
}

std::string without_values(std::string text, std::span<const std::optional<std::string>> values)
{
    std::vector<std::string> shown;
    for (const auto& value : values) {
        if (value && !value->empty()) {
            shown.push_back(*value);
        }
    }
    std::sort(shown.begin(), shown.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
    for (const std::string& value : shown) {
        const std::string sought = lower_ascii(value);
        std::string lowered = lower_ascii(text);
        for (auto at = lowered.find(sought); at != std::string::npos;
             at = lowered.find(sought, at + std::string_view(mask).size())) {
            text.replace(at, sought.size(), mask);
            lowered.replace(at, sought.size(), mask);
        }
    }
    return text;
}

std::string logged_message(const pg::Diagnostic& diagnostic,
                           std::span<const std::optional<std::string>> values)
{
    if (quotes_names_only(diagnostic)) {
        return diagnostic.primary;
    }
    return without_values(without_quoted(diagnostic.primary), values);
}

} // namespace crudctl::commands
