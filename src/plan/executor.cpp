#include "plan/executor.hpp"

#include "database/database.hpp"
#include "plan/execution.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

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
    } catch (...) {
        drop_unfinished();
        throw;
    }
    return std::move(m_outcome);
}

void Execution::drop_unfinished() noexcept
{
    try {
        m_runtime.progress.end();
        m_connection.reset();
        if (!m_next.empty()) {
            interrupt::forget();
            database::drop_database(m_permit, *m_maintenance, m_next);
        }
    } catch (const std::exception&) {
        // The failure that brought us here is the one to report.
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
