#pragma once

#include <optional>
#include <string>

namespace crudctl::aws {

/// Where RDS's own certificate authorities are, which no system trusts by itself.
inline constexpr const char* rds_certificates =
    "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";

/// True for an RDS endpoint's name, of instances, clusters and proxies.
bool is_rds_host(const std::string& host);

/// What the name of an instance's endpoint says.
struct RdsHost {
    std::string instance;
    std::string region;
};

/// From "cruddur-db.abc123.ca-central-1.rds.amazonaws.com"; nothing for any other name.
std::optional<RdsHost> parse_rds_host(const std::string& host);

} // namespace crudctl::aws
