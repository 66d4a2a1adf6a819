#include "script/job_board.hpp"

#include <chrono>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::chrono::milliseconds between_looks{100};

} // namespace

const CsvJob* JobBoard::next()
{
    const std::lock_guard lock(m_mutex);
    return m_is_stopped || m_next == m_group.size() ? nullptr : &m_group[m_next++];
}

void JobBoard::require_going_on() const
{
    if (m_is_stopped) {
        throw Stopped();
    }
}

void JobBoard::begin(std::size_t worker, const pg::Connection& connection)
{
    const std::lock_guard lock(m_mutex);
    m_cancellers.emplace(worker, pg::Canceller(connection));
}

void JobBoard::fail(std::size_t worker, std::exception_ptr failure)
{
    const std::lock_guard lock(m_mutex);
    if (m_is_stopped.exchange(true)) {
        return; // it was cancelled
    }
    m_failure = std::move(failure);
    for (const auto& [other, canceller] : m_cancellers) {
        if (other != worker) {
            canceller.cancel();
        }
    }
}

void JobBoard::end()
{
    const std::lock_guard lock(m_mutex);
    ++m_ended;
    m_has_ended.notify_all();
}

void JobBoard::leave(std::function<void()> message)
{
    const std::lock_guard lock(m_mutex);
    m_messages.push_back(std::move(message));
}

void JobBoard::deliver()
{
    std::vector<std::function<void()>> messages;
    {
        const std::lock_guard lock(m_mutex);
        messages.swap(m_messages);
    }
    for (const auto& message : messages) {
        message();
    }
}

bool JobBoard::wait_for_end(std::size_t workers)
{
    std::unique_lock lock(m_mutex);
    return m_has_ended.wait_for(lock, between_looks, [&] { return m_ended == workers; });
}

void JobBoard::rethrow_failure() const
{
    if (m_failure) {
        std::rethrow_exception(m_failure);
    }
}

} // namespace crudctl::script
