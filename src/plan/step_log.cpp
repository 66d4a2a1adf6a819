#include "plan/step_log.hpp"

#include "support/text/text.hpp"

#include <fmt/format.h>

namespace crudctl::plan {

void StepLog::restart()
{
    m_started = Clock::now();
}

void StepLog::print(std::string_view verb, const std::string& what)
{
    const std::chrono::duration<double> took = Clock::now() - m_started;
    restart();
    print(verb, what, took.count());
}

void StepLog::print(std::string_view verb, const std::string& what, double seconds)
{
    m_console.note({{Style::dim, fmt::format("  {:<8} ", verb)},
                    {Style::plain, what},
                    {Style::dim, fmt::format("  {}", duration_text(seconds))}});
}

} // namespace crudctl::plan
