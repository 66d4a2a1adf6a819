#include "aws/rds_host.hpp"

#include "aws/host.hpp"
#include "support/text.hpp"

#include <regex>

namespace crudctl::aws {

bool is_rds_host(const std::string& host)
{
    return region_of_rds_host(host).has_value();
}

std::optional<RdsHost> parse_rds_host(const std::string& host)
{
    // A cluster's or a proxy's second part begins with what it is.
    static const std::regex form(R"(([a-z0-9-]+)\.(?!cluster-|proxy-)[a-z0-9]+\..+)");
    const std::string name = lower_ascii(host);
    const auto region = region_of_rds_host(name);
    std::smatch match;
    return region && std::regex_match(name, match, form) ? std::optional(RdsHost{match[1], *region})
                                                         : std::nullopt;
}

} // namespace crudctl::aws
