#include "plan/executor.hpp"

#include "database/database.hpp"
#include "plan/execution.hpp"
#include "support/process/interrupt.hpp"
#include "support/text/text.hpp"

#include <variant>

#include <fmt/format.h>

namespace crudctl::plan {

Outcome Execution::run()
{
    try {
        for (const Step& step : m_plan.steps) {
            interrupt::throw_if_pending();
            m_started = Clock::now();
            std::visit([this](const auto& s) { perform(s); }, step);
        }
    } catch (const std::exception& error) {
        if (!m_has_changed_names) {
            drop_unfinished(error);
            throw;
        }
        print_left_undone(error);
    }
    return std::move(m_outcome);
}

void Execution::print_left_undone(const std::exception& error)
{
    interrupt::forget();
    m_runtime.progress.end();
    m_runtime.console.warning(fmt::format(
        "everything is done but the clearing up, which the next run does: {}", error.what()));
}

std::string Execution::needless_copy(const std::exception& error) const
{
    const auto* failure = dynamic_cast<const Error*>(&error);
    const bool is_certain = failure != nullptr && failure->code() != ExitCode::unknown;
    return is_certain && !m_may_have_loaded ? m_outcome.set_aside : "";
}

void Execution::drop_unfinished(const std::exception& error) noexcept
{
    try {
        m_runtime.progress.end();
        m_connection.reset();
        interrupt::forget();
        drop_made(m_next, m_next_oid);
        drop_made(m_start_copy, "");
        drop_made(needless_copy(error), m_outcome.set_aside_oid);
    } catch (const std::exception&) {
        // The failure that brought us here is the one to report.
    }
}

void Execution::drop_made(const std::string& name, const std::string& oid)
{
    if (name.empty()) {
        return;
    }
    // Where the answer to what made it was lost, its OID is that of the name that only we know.
    const std::string judged = oid.empty() ? database::oid_of(*m_maintenance, name) : oid;
    if (!judged.empty()) {
        database::remove_database(m_permit, *m_maintenance, removal_of(name, judged, {}),
                                  session_ender(name));
    }
}

void Execution::say(std::string_view verb, const std::string& what)
{
    const std::chrono::duration<double> took = Clock::now() - m_started;
    m_started = Clock::now();
    say_took(verb, what, took.count());
}

void Execution::say_took(std::string_view verb, const std::string& what, double seconds)
{
    m_runtime.console.note({{Style::dim, fmt::format("  {:<8} ", verb)},
                            {Style::plain, what},
                            {Style::dim, fmt::format("  {}", duration_text(seconds))}});
}

Outcome execute(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
{
    return Execution(plan, permit, runtime).run();
}

} // namespace crudctl::plan
