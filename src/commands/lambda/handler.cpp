#include "commands/lambda/handler.hpp"

#include "commands/lambda/session.hpp"
#include "support/process/interrupt.hpp"

#include <algorithm>
#include <future>
#include <thread>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::commands {

namespace {

using namespace std::chrono_literals;
using Clock = LambdaHandler::Clock;
using nlohmann::ordered_json;

/// Cognito waits 5 s for an answer, whatever time the function has.
constexpr std::chrono::milliseconds longest = 4500ms;
/// For the answer's way back, before Lambda ends the function.
constexpr std::chrono::milliseconds margin = 500ms;
constexpr std::chrono::milliseconds for_warming_up = 3s;

/// When the answer has to be there.
Clock::time_point deadline_of(const aws::Invocation& invocation)
{
    const auto left = invocation.deadline - std::chrono::system_clock::now();
    return Clock::now() + (left - margin < longest
                               ? std::chrono::duration_cast<Clock::duration>(left - margin)
                               : std::chrono::duration_cast<Clock::duration>(longest));
}

/// What `work` gives, if it does so in time; else it goes on by itself, and nobody waits for it.
template <typename Work>
auto in_time(Clock::time_point deadline, Work work) -> std::invoke_result_t<Work>
{
    using Task = std::packaged_task<std::invoke_result_t<Work>()>;
    const auto task = std::make_shared<Task>(std::move(work));
    auto result = task->get_future();
    std::thread([task] { (*task)(); }).detach();
    if (result.wait_until(deadline) != std::future_status::ready) {
        throw TimeIsUp();
    }
    return result.get();
}

/// What an end user reads: Cognito passes it on.
aws::InvocationError for_user(const char* type, const std::string& trigger_source,
                              const char* advice)
{
    const char* what = trigger_source.find("SignUp") != std::string::npos ? "sign-up" : "this";
    return {std::string("Crudctl.") + type,
            fmt::format("{} could not be completed, {}", what, advice)};
}

constexpr const char* try_again = "please try again";
constexpr const char* check_fields = "one of the fields cannot be stored";

std::string line(const ordered_json& document)
{
    return document.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

/// Another try would end in the same way.
bool is_about_data(const pg::ServerError& error)
{
    return error.sqlstate().starts_with("22") || error.sqlstate().starts_with("23");
}

bool is_refused_log_in(const pg::ConnectError& error)
{
    return error.sqlstate() == pg::sqlstate::invalid_password ||
           error.sqlstate() == pg::sqlstate::invalid_authorization;
}

} // namespace

struct LambdaHandler::Case {
    std::string trigger_source;
    const LambdaQuery* query = nullptr; // none: nothing is to be done
    std::vector<std::optional<std::string>> values;
    Clock::time_point deadline;
    ordered_json log; // what is known of it so far
};

LambdaHandler::LambdaHandler(std::vector<LambdaQuery> queries, pg::ConnInfo info)
    : m_queries(std::move(queries))
{
    use(std::move(info));
}

void LambdaHandler::use(pg::ConnInfo info)
{
    m_info = std::move(info);
    m_session = std::make_shared<LambdaSession>(m_info);
}

void LambdaHandler::warm_up()
{
    const auto deadline = Clock::now() + for_warming_up;
    try {
        in_time(deadline, [session = m_session, deadline] { session->connect(deadline); });
    } catch (const TimeIsUp&) {
        use(m_info);         // that session is still being worked on
    } catch (const Error&) { // the first event tells
        interrupt::throw_if_pending();
    }
}

LambdaOutcome LambdaHandler::handle(const aws::Invocation& invocation)
{
    const auto started = Clock::now();
    LambdaOutcome outcome;
    Case event;
    event.deadline = deadline_of(invocation);
    event.log = {{"level", "info"}, {"request_id", invocation.id}};
    try {
        take(event, invocation.event);
        outcome = try_to_run(event);
    } catch (const Error& error) { // of the event itself
        outcome.error = for_user("BadEvent", event.trigger_source, check_fields);
        event.log["message"] = error.what();
    }
    if (outcome.error) {
        event.log["level"] = "error";
        event.log["error"] = outcome.error->type;
    }
    const std::chrono::duration<double, std::milli> took = Clock::now() - started;
    event.log["milliseconds"] = static_cast<long>(took.count());
    outcome.log = line(event.log);
    return outcome;
}

void LambdaHandler::take(Case& event, const std::string& text) const
{
    const LambdaEvent document(text);
    event.trigger_source = document.trigger_source();
    const auto found =
        std::find_if(m_queries.begin(), m_queries.end(), [&](const LambdaQuery& query) {
            return query.trigger_source == event.trigger_source;
        });
    if (found == m_queries.end()) { // its name is Cognito's or anybody's
        event.log["message"] = "no trigger of [lambda]: the event goes back untouched";
        return;
    }
    event.query = &*found;
    event.log["trigger"] = event.trigger_source;
    event.log["query"] = event.query->name;
    event.values = values_for(*event.query, document);
}

LambdaOutcome LambdaHandler::try_to_run(Case& event)
{
    LambdaOutcome outcome;
    if (event.query == nullptr) {
        return outcome;
    }
    const auto fails = [&](const char* type, std::string message, const char* advice = try_again) {
        outcome.error = for_user(type, event.trigger_source, advice);
        event.log["message"] = std::move(message);
    };
    try {
        event.log["rows"] = run_in_time(event);
    } catch (const TimeIsUp& error) {
        use(m_info); // whatever still waits for it has the old one
        fails("Timeout", error.what());
    } catch (const pg::ServerError& error) {
        event.log["sqlstate"] = error.sqlstate();
        fails(error.sqlstate() == pg::sqlstate::query_canceled ? "Timeout" : "QueryFailed",
              logged_message(error.diagnostic(), event.values),
              is_about_data(error) ? check_fields : try_again);
    } catch (const pg::ConnectError& error) {
        if (!error.sqlstate().empty()) {
            event.log["sqlstate"] = error.sqlstate();
        }
        outcome.may_need_password = is_refused_log_in(error);
        fails("DatabaseUnavailable", error.what());
    } catch (const Error& error) {
        outcome.ended = interrupt::pending();
        fails("DatabaseUnavailable", error.what());
    } catch (const std::exception&) { // what it says may be of the event
        fails("Internal", "internal error: this is a mistake in crudctl itself");
    }
    return outcome;
}

std::size_t LambdaHandler::run_in_time(const Case& event)
{
    return in_time(event.deadline,
                   [session = m_session, query = *event.query, values = event.values,
                    deadline = event.deadline] { return session->run(query, values, deadline); });
}

} // namespace crudctl::commands
