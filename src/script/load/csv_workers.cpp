#include "script/load/csv_workers.hpp"

#include "pg/connection.hpp"
#include "script/load/failure.hpp"
#include "script/queries.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t main_worker = 0;
constexpr std::size_t shown_of_query = 100; // columns

/// Threads, waited for at the end of its life.
class Threads {
public:
    Threads() = default;
    ~Threads()
    {
        for (std::thread& thread : m_threads) {
            thread.join();
        }
    }
    Threads(const Threads&) = delete;
    Threads& operator=(const Threads&) = delete;

    template <typename Work>
    void start(Work work)
    {
        m_threads.emplace_back(std::move(work));
    }

private:
    std::vector<std::thread> m_threads;
};

CsvReport load_over(pg::Connection& connection, const FileOutline& file, const CsvOptions& options,
                    const std::vector<std::string>& last)
{
    const std::string& shown = file.source->shown();
    try {
        pg::Transaction transaction(connection);
        CsvReport report = load_csv(connection, *file.csv, options);
        connection.exec_each(last);
        transaction.commit();
        return report;
    } catch (const pg::ServerError& error) {
        FailureContext context;
        context.columns = options.columns;
        context.state = options.state_after_failure;
        throw failure_of_commit(shown, error, context);
    } catch (const pg::ConnectionLost& error) {
        throw Error(ExitCode::failed,
                    fmt::format("{} (while \"{}\" was being loaded)", error.what(), shown),
                    options.state_after_failure);
    }
}

} // namespace

void CsvWorkers::load(const CsvGroup& group, const CsvOptions& options)
{
    WorkQueue queue(group);
    m_queue = &queue;
    m_reports.clear();
    for (const CsvJob& job : group) {
        for (const FileOutline* file : job) {
            m_reports[file]; // from here on each thread changes what it has of its own
        }
    }
    if (m_settings.empty()) {
        m_settings = m_tools.connection.exec(queries::session_settings).scalar().value_or("{}");
    }
    m_tools.meter.begin_file();
    run(queue, std::min(m_tools.options.jobs, group.size()) - 1, options);
    tell(queue);
    queue.rethrow_failure();
    for (auto& [file, report] : m_reports) {
        m_tools.report.files.push_back(std::move(report));
    }
}

void CsvWorkers::run(WorkQueue& queue, std::size_t helpers, const CsvOptions& options)
{
    m_helpers.resize(std::max(m_helpers.size(), helpers + 1));
    Threads threads;
    for (std::size_t worker = 1; worker <= helpers; ++worker) {
        threads.start([&, worker] {
            help(queue, worker, options);
            queue.worker_done();
        });
    }
    CsvOptions own = options;
    own.on_progress = [&](std::size_t /*done*/, std::size_t /*total*/) { tell(queue); };
    queue.register_worker(main_worker, m_tools.connection);
    work(queue, main_worker, m_tools.load_here, own);
    while (!queue.wait_for_end(helpers)) {
        tell(queue);
    }
}

void CsvWorkers::help(WorkQueue& queue, std::size_t worker, const CsvOptions& options)
{
    try {
        if (log_in(queue, worker)) {
            const LoadHere load = [&](const FileOutline& file, const CsvOptions& each) {
                return load_over(*m_helpers[worker], file, each, m_tools.options.last);
            };
            work(queue, worker, load, options);
        }
    } catch (...) {
        queue.fail(worker, std::current_exception());
    }
}

void CsvWorkers::work(WorkQueue& queue, std::size_t worker, const LoadHere& load,
                      const CsvOptions& options)
{
    try {
        while (const CsvJob* job = queue.next()) {
            for (const FileOutline* file : *job) {
                load_file(queue, *file, load, options);
            }
        }
    } catch (...) {
        queue.fail(worker, std::current_exception());
    }
}

void CsvWorkers::load_file(WorkQueue& queue, const FileOutline& file, const LoadHere& load,
                           CsvOptions options)
{
    const auto start = Clock::now();
    std::size_t counted_bytes = 0;
    const auto count = [&](std::size_t bytes) {
        queue.throw_if_stopped();
        queue.add_bytes(bytes - std::exchange(counted_bytes, bytes));
    };
    options.on_progress = [&, tell = std::move(options.on_progress)](std::size_t done,
                                                                     std::size_t total) {
        count(done);
        if (tell) {
            tell(done, total);
        }
    };
    count(0);
    const CsvReport report = load(file, options);
    count(file.bytes);
    const std::size_t rows = report.inserted + report.updated;
    queue.add_rows(rows);
    m_reports.at(&file) = {file.source->shown(),
                           0,
                           rows,
                           report.text(),
                           std::chrono::duration<double>(Clock::now() - start).count(),
                           report.is_skipped};
}

void CsvWorkers::tell(WorkQueue& queue)
{
    queue.run_posted();
    m_tools.meter.add_rows(queue.take_rows());
    m_tools.meter.print_bytes(queue.bytes());
}

/// Where the server takes no more sessions, fewer have to do.
bool CsvWorkers::log_in(WorkQueue& queue, std::size_t worker)
{
    std::unique_ptr<pg::Connection>& connection = m_helpers[worker];
    try {
        if (!connection) {
            auto fresh = std::make_unique<pg::Connection>(m_tools.connection.info(), observer());
            fresh->exec(queries::take_settings, m_settings);
            connection = std::move(fresh);
        }
    } catch (const pg::ConnectError& error) {
        queue.post([this, text = std::string(error.what())] {
            m_tools.report.notes.push_back("the files had one connection less than they might: " +
                                           text);
        });
        return false;
    }
    queue.register_worker(worker, *connection);
    return true;
}

pg::ConnectionObserver CsvWorkers::observer()
{
    pg::ConnectionObserver observer;
    observer.on_notice = [this](const pg::Diagnostic& notice) {
        m_queue->post([this, notice] {
            if (m_tools.options.on_notice) {
                m_tools.options.on_notice(notice, {}, {});
            }
        });
    };
    observer.on_query = [this](std::string_view sql, std::chrono::duration<double> took) {
        const std::string_view text = trimmed(sql);
        m_queue->post(
            [this, took, what = shortened(text.substr(0, text.find('\n')), shown_of_query)] {
                if (m_tools.options.on_batch) {
                    m_tools.options.on_batch(what, took.count());
                }
            });
    };
    return observer;
}

} // namespace crudctl::script
