#include "support/error.hpp"

#include <utility>

namespace crudctl {

Error::Error(ExitCode code, const std::string& message, std::string hint)
    : std::runtime_error(message), m_code(code), m_hint(std::move(hint))
{}

} // namespace crudctl
