#include "script/load/lock_watch.hpp"

#include "support/error.hpp"

#include <algorithm>
#include <utility>

namespace crudctl::script {

namespace {

using namespace std::chrono_literals;

constexpr auto default_timeout = 8000ms;
constexpr auto between_looks = 2000ms;

} // namespace

LockWatch::LockWatch(std::function<std::string()> find_blockers, std::chrono::milliseconds timeout)
    : m_find_blockers(std::move(find_blockers)),
      m_timeout(timeout > 0ms ? timeout * 4 / 5 : default_timeout)
{}

void LockWatch::begin()
{
    m_next = Clock::now() + m_timeout;
    m_blockers.clear();
}

void LockWatch::tick()
{
    if (!m_find_blockers || Clock::now() < m_next) {
        return;
    }
    m_next = Clock::now() + std::min<std::chrono::milliseconds>(between_looks, m_timeout);
    try {
        m_blockers = m_find_blockers();
    } catch (const Error&) {
        m_find_blockers = nullptr; // no second session is to be had, or it may not look
    }
}

} // namespace crudctl::script
