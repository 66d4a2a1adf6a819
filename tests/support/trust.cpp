#include "support/trust.hpp"

#include <stdexcept>

namespace crudctl::tests {

void agree(const CliCall& call)
{
    const TerminalResult result =
        call.with_terminal(200).expect("Type yes to trust it").type("yes\n").result();
    if (result.exit_code != 0) {
        throw std::runtime_error("crudctl trust did not take a yes:\n" + result.screen);
    }
}

} // namespace crudctl::tests
