#pragma once

#include "aws/request/query_api.hpp"
#include "support/text/secret.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::aws {

/// Of RDS's interface, as it is spoken here.
inline constexpr const char* rds_version = "2014-10-31";

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
    bool is_protected = false;                // against deletion
    std::vector<std::string> security_groups; // their ids
    std::string restart_time; // of a stopped one: when AWS starts it again, UTC; may be empty
    std::string resource;     // "db-ABC…": another one for each that was ever made
    std::string created;      // UTC; empty while it is being made
    std::string master_user;
    std::string secret; // where AWS keeps that role's password, if it does: an ARN
};

/// What one is to be like.
struct NewInstance {
    std::string id;
    std::string instance_class;
    std::string version;        // of Postgres; empty: what RDS takes
    std::string zone;           // empty: any
    std::string security_group; // empty: the VPC's own
    std::string database;       // empty: none
    std::string master_user;
    Secret password; // empty: AWS makes it, and keeps it
    int storage = 0; // in GiB
    int port = 5432;
    int backup_days = 0;
    bool is_encrypted = true;
    bool is_public = false;
    bool is_protected = true; // against deletion
    bool has_iam = false;     // users may log in by IAM
};

struct RdsSnapshot {
    std::string id;
    std::string status;  // "creating", "available", "failed" …
    std::string created; // UTC; empty while it is being made
    int percent = 0;     // of it that is there
    int storage = 0;     // GiB, of the instance
};

/// "cruddur-db-final-20261124t091500z": RDS takes letters, digits and single hyphens.
std::string snapshot_name(const std::string& instance, const std::string& kind,
                          std::chrono::system_clock::time_point time);

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
    /// False where there is one of that name.
    bool create(const NewInstance& instance);
    /// With all databases on it and its automated backups. Leaves a snapshot of this name, unless
    /// that is empty. False where its state does not allow it.
    bool remove(const std::string& id, const std::string& final_snapshot);

    /// False where its state does not allow it; one of that name that is there already is fine.
    bool take_snapshot(const std::string& id, const std::string& snapshot);
    std::optional<RdsSnapshot> find_snapshot(const std::string& snapshot);
    /// Of those that were made of it, by whomever.
    std::optional<RdsSnapshot> newest_snapshot(const std::string& id);

private:
    bool change(const std::string& action, const std::string& id, const Parameters& more = {});

    QueryApi& m_rds;
};

/// Bytes that an RDS instance has left, as CloudWatch last measured them; nothing where it measured
/// none in the last quarter of an hour. Throws as QueryApi::call() does.
std::optional<std::size_t> free_storage(QueryApi& monitoring, const std::string& instance,
                                        std::chrono::system_clock::time_point now);

} // namespace crudctl::aws
