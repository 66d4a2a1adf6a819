#pragma once

#include <optional>
#include <string>

namespace crudctl::aws {

/// The host of a URL, without brackets; empty where it has none.
std::string host_of(const std::string& url);

/// True for 127.0.0.0/8, ::1, "localhost", 169.254.0.0/16, fe80::/10 and AWS's own fd00:ec2::/32.
bool is_local_host(const std::string& host);

/// The region of an RDS endpoint, by its name; nothing for any other host.
std::optional<std::string> region_of_rds_host(const std::string& host);

/// True for 127.0.0.0/8, ::1 and "localhost".
bool is_loopback_host(const std::string& host);

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
