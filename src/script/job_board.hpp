#pragma once

#include "pg/canceller.hpp"
#include "script/csv_jobs.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

namespace crudctl::script {

/// What the threads have in common that load a group of jobs: which job is next, how far they are,
/// what they have to say, and whether one has failed. The first failure is the group's; it cancels
/// what the others are at.
class JobBoard {
public:
    /// Thrown where another job has failed.
    struct Stopped {};

    explicit JobBoard(const CsvGroup& group) : m_group(group) {}

    /// The next job; null where there is none, or one has failed.
    const CsvJob* next();
    /// Throws Stopped.
    void require_going_on() const;

    /// A thread, by its number, works on this session from here on.
    void begin(std::size_t worker, const pg::Connection& connection);
    void fail(std::size_t worker, std::exception_ptr failure);
    void end();

    void add_bytes(std::size_t bytes) { m_bytes += bytes; }
    std::size_t bytes() const noexcept { return m_bytes; }
    void add_rows(std::size_t rows) { m_rows += rows; }
    /// Those since it was last asked.
    std::size_t take_rows() { return m_rows.exchange(0); }
    /// For the main thread to do: what a terminal sees is nobody else's.
    void leave(std::function<void()> message);
    void deliver();

    /// Waits a little; true where `workers` have ended.
    bool wait_for_end(std::size_t workers);
    void rethrow_failure() const;

private:
    const CsvGroup& m_group;
    std::mutex m_mutex;
    std::condition_variable m_has_ended;
    std::size_t m_next = 0;
    std::size_t m_ended = 0;
    std::map<std::size_t, pg::Canceller> m_cancellers; // by worker
    std::vector<std::function<void()>> m_messages;
    std::exception_ptr m_failure;
    std::atomic<bool> m_is_stopped = false;
    std::atomic<std::size_t> m_bytes = 0;
    std::atomic<std::size_t> m_rows = 0;
};

} // namespace crudctl::script
