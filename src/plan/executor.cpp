#include "plan/executor.hpp"

#include "plan/execution.hpp"

namespace crudctl::plan {

Outcome execute(const Plan& plan, const database::Permit& permit, const Runtime& runtime)
{
    return Execution(plan, permit, runtime).run();
}

} // namespace crudctl::plan
