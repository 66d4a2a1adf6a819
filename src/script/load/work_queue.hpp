#pragma once

#include "pg/canceller.hpp"
#include "pg/connection.hpp"
#include "script/reader/script_file.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace crudctl::script {

/// CSV files that have to be loaded one behind the other, in this order: by their tables.
using CsvJob = std::vector<const FileOutline*>;

/// Neighbouring CSV files, as jobs that have nothing to do with each other.
using CsvGroup = std::vector<CsvJob>;

/// Cuts neighbouring CSV files into groups, to be loaded one behind the other. Two tables have to
/// do with each other where foreign keys, inheritance or a sequence lead from one to the other, in
/// any direction and over any number of tables. A file is a group by itself where its table, or one
/// that it has to do with, has a trigger, a rule, a default or a check that may look elsewhere; and
/// where there is no such table. One round trip.
std::vector<CsvGroup> csv_groups(pg::Connection& connection, std::span<const FileOutline> files);

/// What the threads have in common that load a group of jobs: which job is next, how far they are,
/// what they have to say, and whether one has failed. The first failure is the group's; it cancels
/// what the others are at.
class WorkQueue {
public:
    /// Thrown where another job has failed.
    struct Stopped {};

    explicit WorkQueue(const CsvGroup& group) : m_group(group) {}

    /// The next job; null where there is none, or one has failed.
    const CsvJob* next();
    /// Throws Stopped.
    void throw_if_stopped() const;

    /// A thread, by its number, works on this session from here on.
    void register_worker(std::size_t worker, const pg::Connection& connection);
    void fail(std::size_t worker, std::exception_ptr failure);
    void worker_done();

    void add_bytes(std::size_t bytes) { m_bytes += bytes; }
    std::size_t bytes() const noexcept { return m_bytes; }
    void add_rows(std::size_t rows) { m_rows += rows; }
    /// Those since it was last asked.
    std::size_t take_rows() { return m_rows.exchange(0); }
    /// For the main thread to do: what a terminal sees is nobody else's.
    void post(std::function<void()> message);
    void run_posted();

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
