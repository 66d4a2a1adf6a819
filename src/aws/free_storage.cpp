#include "aws/free_storage.hpp"

#include "support/time_text.hpp"

#include <pugixml.hpp>

namespace crudctl::aws {

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
