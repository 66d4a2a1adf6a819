#include "aws/rds.hpp"

#include <algorithm>
#include <array>

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
    instance.restart_time = node.child_value("AutomaticRestartTime");
    return instance;
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

bool RdsInstances::change(const std::string& action, const std::string& id)
{
    try {
        m_rds.call(action, {{"DBInstanceIdentifier", id}});
        return true;
    } catch (const ServiceError& error) {
        if (is_code(error, "InvalidDBInstanceState")) {
            return false;
        }
        throw;
    }
}

} // namespace crudctl::aws
