#include "aws/rds/rds.hpp"

#include "support/text/time_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

/// "Fault" stands behind some codes, in some versions.
bool is_code(const ServiceError& error, const std::string& code)
{
    return error.service_code() == code || error.service_code() == code + "Fault";
}

RdsInstance instance_from(const pugi::xml_node& node)
{
    RdsInstance instance;
    instance.id = node.child_value("DBInstanceIdentifier");
    instance.status = node.child_value("DBInstanceStatus");
    instance.instance_class = node.child_value("DBInstanceClass");
    instance.engine =
        fmt::format("{} {}", node.child_value("Engine"), node.child_value("EngineVersion"));
    instance.host = node.child("Endpoint").child_value("Address");
    instance.port = node.child("Endpoint").child("Port").text().as_int();
    instance.storage = node.child("AllocatedStorage").text().as_int();
    instance.backup_days = node.child("BackupRetentionPeriod").text().as_int();
    instance.is_public = node.child("PubliclyAccessible").text().as_bool();
    instance.is_protected = node.child("DeletionProtection").text().as_bool();
    for (const pugi::xml_node& group :
         node.child("VpcSecurityGroups").children("VpcSecurityGroupMembership")) {
        instance.security_groups.emplace_back(group.child_value("VpcSecurityGroupId"));
    }
    instance.restart_time = node.child_value("AutomaticRestartTime");
    instance.resource = node.child_value("DbiResourceId");
    instance.created = node.child_value("InstanceCreateTime");
    instance.master_user = node.child_value("MasterUsername");
    instance.secret = node.child("MasterUserSecret").child_value("SecretArn");
    return instance;
}

RdsSnapshot snapshot_from(const pugi::xml_node& node)
{
    RdsSnapshot snapshot;
    snapshot.id = node.child_value("DBSnapshotIdentifier");
    snapshot.status = node.child_value("Status");
    snapshot.created = node.child_value("SnapshotCreateTime");
    snapshot.percent = node.child("PercentProgress").text().as_int();
    snapshot.storage = node.child("AllocatedStorage").text().as_int();
    return snapshot;
}

pugi::xml_node snapshots_in(const pugi::xml_document& document)
{
    return document.document_element().child("DescribeDBSnapshotsResult").child("DBSnapshots");
}

const char* word(bool is_so)
{
    return is_so ? "true" : "false";
}

void add_unless_empty(Parameters& parameters, const char* name, const std::string& value)
{
    if (!value.empty()) {
        parameters.emplace_back(name, value);
    }
}

Parameters parameters_of(const NewInstance& instance)
{
    Parameters parameters = {
        {"DBInstanceIdentifier", instance.id},
        {"DBInstanceClass", instance.instance_class},
        {"Engine", "postgres"},
        {"AllocatedStorage", fmt::format("{}", instance.storage)},
        {"Port", fmt::format("{}", instance.port)},
        {"BackupRetentionPeriod", fmt::format("{}", instance.backup_days)},
        {"StorageEncrypted", word(instance.is_encrypted)},
        {"PubliclyAccessible", word(instance.is_public)},
        {"DeletionProtection", word(instance.is_protected)},
        {"EnableIAMDatabaseAuthentication", word(instance.has_iam)},
        {"MasterUsername", instance.master_user},
    };
    if (instance.password.empty()) {
        parameters.emplace_back("ManageMasterUserPassword", word(true));
    } else {
        parameters.emplace_back("MasterUserPassword", instance.password.reveal());
    }
    add_unless_empty(parameters, "EngineVersion", instance.version);
    add_unless_empty(parameters, "AvailabilityZone", instance.zone);
    add_unless_empty(parameters, "DBName", instance.database);
    add_unless_empty(parameters, "VpcSecurityGroupIds.VpcSecurityGroupId.1",
                     instance.security_group);
    return parameters;
}

} // namespace

RdsOutlook outlook_of(const std::string& status)
{
    constexpr std::array failing = {"deleted", "deleting", "failed", "restore-error",
                                    "inaccessible-encryption-credentials"};
    const bool fails = std::find(failing.begin(), failing.end(), status) != failing.end() ||
                       status.starts_with("incompatible-");
    if (fails) {
        return RdsOutlook::fails;
    }
    return status == "stopped" || status == "stopping" ? RdsOutlook::stops : RdsOutlook::runs;
}

std::string snapshot_name(const std::string& instance, const std::string& kind,
                          std::chrono::system_clock::time_point time)
{
    return fmt::format("{}-{}-{:%Y%m%dt%H%M%Sz}", instance, kind,
                       fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<RdsInstance> RdsInstances::find(const std::string& id)
{
    try {
        const auto document = m_rds.call("DescribeDBInstances", {{"DBInstanceIdentifier", id}});
        const pugi::xml_node node = document->document_element()
                                        .child("DescribeDBInstancesResult")
                                        .child("DBInstances")
                                        .child("DBInstance");
        return node.empty() ? std::nullopt : std::optional(instance_from(node));
    } catch (const ServiceError& error) {
        if (is_code(error, "DBInstanceNotFound")) {
            return std::nullopt;
        }
        throw;
    }
}

bool RdsInstances::create(const NewInstance& instance)
{
    try {
        m_rds.call("CreateDBInstance", parameters_of(instance));
        return true;
    } catch (const ServiceError& error) {
        if (is_code(error, "DBInstanceAlreadyExists")) {
            return false;
        }
        throw;
    }
}

bool RdsInstances::remove(const std::string& id, const std::string& final_snapshot)
{
    Parameters parameters = {{"SkipFinalSnapshot", word(final_snapshot.empty())}};
    add_unless_empty(parameters, "FinalDBSnapshotIdentifier", final_snapshot);
    return change("DeleteDBInstance", id, parameters);
}

bool RdsInstances::take_snapshot(const std::string& id, const std::string& snapshot)
{
    try {
        return change("CreateDBSnapshot", id, {{"DBSnapshotIdentifier", snapshot}});
    } catch (const ServiceError& error) {
        if (is_code(error, "DBSnapshotAlreadyExists")) {
            return true; // the answer to a first try was lost
        }
        throw;
    }
}

std::optional<RdsSnapshot> RdsInstances::find_snapshot(const std::string& snapshot)
{
    try {
        const auto document =
            m_rds.call("DescribeDBSnapshots", {{"DBSnapshotIdentifier", snapshot}});
        const pugi::xml_node node = snapshots_in(*document).child("DBSnapshot");
        return node.empty() ? std::nullopt : std::optional(snapshot_from(node));
    } catch (const ServiceError& error) {
        if (is_code(error, "DBSnapshotNotFound")) {
            return std::nullopt;
        }
        throw;
    }
}

std::optional<RdsSnapshot> RdsInstances::newest_snapshot(const std::string& id)
{
    std::optional<RdsSnapshot> newest;
    std::string marker;
    do {
        Parameters parameters = {{"DBInstanceIdentifier", id}};
        add_unless_empty(parameters, "Marker", marker);
        const auto document = m_rds.call("DescribeDBSnapshots", parameters);
        for (const pugi::xml_node& node : snapshots_in(*document).children("DBSnapshot")) {
            RdsSnapshot snapshot = snapshot_from(node);
            if (snapshot.status == "available" && (!newest || snapshot.created > newest->created)) {
                newest = std::move(snapshot);
            }
        }
        marker =
            document->document_element().child("DescribeDBSnapshotsResult").child_value("Marker");
    } while (!marker.empty());
    return newest;
}

bool RdsInstances::change(const std::string& action, const std::string& id, const Parameters& more)
{
    Parameters parameters = {{"DBInstanceIdentifier", id}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    try {
        m_rds.call(action, parameters);
        return true;
    } catch (const ServiceError& error) {
        if (is_code(error, "InvalidDBInstanceState")) {
            return false;
        }
        throw;
    }
}

std::optional<std::size_t> free_storage(QueryApi& monitoring, const std::string& instance,
                                        std::chrono::system_clock::time_point now)
{
    constexpr std::chrono::minutes longest_ago{15};
    const auto document = monitoring.call("GetMetricStatistics",
                                          {{"Namespace", "AWS/RDS"},
                                           {"MetricName", "FreeStorageSpace"},
                                           {"Dimensions.member.1.Name", "DBInstanceIdentifier"},
                                           {"Dimensions.member.1.Value", instance},
                                           {"StartTime", utc_text(now - longest_ago)},
                                           {"EndTime", utc_text(now)},
                                           {"Period", "60"},
                                           {"Statistics.member.1", "Minimum"}});
    std::string newest;
    std::optional<std::size_t> bytes;
    for (const pugi::xml_node& point : document->document_element()
                                           .child("GetMetricStatisticsResult")
                                           .child("Datapoints")
                                           .children("member")) {
        const std::string time = point.child_value("Timestamp");
        const double value = point.child("Minimum").text().as_double(-1);
        if (time > newest && value >= 0) { // they come in no order
            newest = time;
            bytes = static_cast<std::size_t>(value);
        }
    }
    return bytes;
}

} // namespace crudctl::aws
