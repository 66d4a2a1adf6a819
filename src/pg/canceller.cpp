#include "pg/canceller.hpp"

#include "pg/connection.hpp"

#include <array>

namespace crudctl::pg {

Canceller::Canceller(const Connection& connection) : m_handle(connection.cancel_handle()) {}

void Canceller::cancel() const noexcept
{
    std::array<char, 256> message{};
    PQcancel(m_handle.get(), message.data(), static_cast<int>(message.size()));
}

} // namespace crudctl::pg
