#pragma once

#include "aws/query_api.hpp"

#include <optional>
#include <string>

namespace crudctl::aws {

/// A database instance as RDS shows it.
struct RdsInstance {
    std::string id;
    std::string status; // "available", "stopped", "starting" …
    std::string instance_class;
    std::string engine; // "postgres 15.8"
    std::string host;   // empty while it is being made
    int port = 0;
    int storage = 0; // in GiB
    int backup_days = 0;
    bool is_public = false;
    bool is_protected = false; // against deletion
    std::string restart_time;  // of a stopped one: when AWS starts it again, UTC; may be empty
};

/// Where a status leads without anybody's doing.
enum class RdsOutlook { runs, stops, fails };
RdsOutlook outlook_of(const std::string& status);

/// Throws as QueryApi::call() does; a change may be asked for twice without harm.
class RdsInstances {
public:
    explicit RdsInstances(QueryApi& rds) : m_rds(rds) {}

    /// Nothing where there is no such instance.
    std::optional<RdsInstance> find(const std::string& id);
    /// False where its state does not allow it (any more).
    bool start(const std::string& id) { return change("StartDBInstance", id); }
    bool stop(const std::string& id) { return change("StopDBInstance", id); }

private:
    bool change(const std::string& action, const std::string& id);

    QueryApi& m_rds;
};

} // namespace crudctl::aws
