#include "script/load/work_queue.hpp"

#include "script/queries.hpp"
#include "support/text/text.hpp"

#include <chrono>
#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace crudctl::script {

namespace {

constexpr std::chrono::milliseconds between_interrupt_looks{100};

std::string tables_of(std::span<const FileOutline> files)
{
    nlohmann::json list = nlohmann::json::array();
    for (const FileOutline& file : files) {
        const CsvTableName& name = file.csv->table;
        list.push_back({{"number", list.size()},
                        {"schema", name.schema},
                        {"folded_schema", lower_ascii(name.schema)},
                        {"table", name.table},
                        {"folded_table", lower_ascii(name.table)}});
    }
    return list.dump();
}

/// By the file's number, what its table has to do with others; nothing where it goes by itself.
std::map<std::size_t, std::string> components_of(pg::Connection& connection,
                                                 std::span<const FileOutline> files)
{
    const pg::Result rows = connection.look(queries::csv_relations, tables_of(files));
    std::map<std::size_t, std::string> components;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].text("is_entangled") != "t") {
            components.emplace(static_cast<std::size_t>(rows[i].number("number")),
                               rows[i].text("component"));
        }
    }
    return components;
}

} // namespace

const CsvJob* WorkQueue::next()
{
    const std::lock_guard lock(m_mutex);
    return m_is_stopped || m_next == m_group.size() ? nullptr : &m_group[m_next++];
}

void WorkQueue::throw_if_stopped() const
{
    if (m_is_stopped) {
        throw Stopped();
    }
}

void WorkQueue::register_worker(std::size_t worker, const pg::Connection& connection)
{
    const std::lock_guard lock(m_mutex);
    m_cancellers.emplace(worker, pg::Canceller(connection));
}

void WorkQueue::fail(std::size_t worker, std::exception_ptr failure)
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

void WorkQueue::worker_done()
{
    const std::lock_guard lock(m_mutex);
    ++m_ended;
    m_has_ended.notify_all();
}

void WorkQueue::post(std::function<void()> message)
{
    const std::lock_guard lock(m_mutex);
    m_messages.push_back(std::move(message));
}

void WorkQueue::run_posted()
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

bool WorkQueue::wait_for_end(std::size_t workers)
{
    std::unique_lock lock(m_mutex);
    return m_has_ended.wait_for(lock, between_interrupt_looks, [&] { return m_ended == workers; });
}

void WorkQueue::rethrow_failure() const
{
    if (m_failure) {
        std::rethrow_exception(m_failure);
    }
}

std::vector<CsvGroup> csv_groups(pg::Connection& connection, std::span<const FileOutline> files)
{
    const std::map<std::size_t, std::string> components = components_of(connection, files);
    std::vector<CsvGroup> groups;
    std::map<std::string, std::size_t> jobs; // of the last group, by component
    bool may_go_on = false;                  // the last group
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto component = components.find(i);
        if (component == components.end() || !may_go_on) {
            groups.emplace_back();
            jobs.clear();
        }
        may_go_on = component != components.end();
        const std::string key = may_go_on ? component->second : std::string();
        const auto [job, is_new] = jobs.emplace(key, groups.back().size());
        if (is_new) {
            groups.back().emplace_back();
        }
        groups.back()[job->second].push_back(&files[i]);
    }
    return groups;
}

} // namespace crudctl::script
