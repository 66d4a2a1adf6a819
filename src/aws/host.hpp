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

} // namespace crudctl::aws
