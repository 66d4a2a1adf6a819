#pragma once

#include "pg/connection.hpp"
#include "script/csv/seed.hpp"
#include "script/load/load_progress.hpp"
#include "script/load/loader.hpp"
#include "script/load/work_queue.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace crudctl::script {

/// Loads groups of CSV files over several connections at once: this thread over the one that is
/// there, others over connections of their own, which log in when there is a job for them and have
/// its settings. Each file is a transaction.
class CsvWorkers {
public:
    /// Loads a file in a transaction of its own, over the connection that is there.
    using LoadHere = std::function<CsvReport(const FileOutline& file, const CsvOptions& options)>;

    /// Whatever is referred to has to outlive it. The report gets the files, in their order.
    struct Tools {
        pg::Connection& connection;
        const LoadOptions& options;
        ProgressMeter& meter;
        LoadReport& report;
        LoadHere load_here;
    };
    explicit CsvWorkers(Tools tools) : m_tools(std::move(tools)) {}

    /// Throws what the first file threw that failed; what the others did by then stays done or not.
    void load(const CsvGroup& group, const CsvOptions& options);

private:
    using Reports = std::map<const FileOutline*, FileReport>; // in the files' order

    void run(WorkQueue& queue, std::size_t helpers, const CsvOptions& options);
    void help(WorkQueue& queue, std::size_t worker, const CsvOptions& options);
    void work(WorkQueue& queue, std::size_t worker, const LoadHere& load,
              const CsvOptions& options);
    void load_file(WorkQueue& queue, const FileOutline& file, const LoadHere& load,
                   CsvOptions options);
    void tell(WorkQueue& queue);
    bool log_in(WorkQueue& queue, std::size_t worker);
    pg::ConnectionObserver observer();

    Tools m_tools;
    std::vector<std::unique_ptr<pg::Connection>> m_helpers; // by worker; kept for the next group
    std::string m_settings;                                 // for them
    WorkQueue* m_queue = nullptr;
    Reports m_reports;
};

} // namespace crudctl::script
