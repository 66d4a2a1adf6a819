#pragma once

#include "aws/credentials/shared_profile.hpp"
#include "support/process/environment.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// The region: what the settings say, then AWS_REGION, AWS_DEFAULT_REGION, the profile's `region`.
/// Throws Error(configuration) where nothing says one, and where it cannot be one (a zone:
/// "ca-central-1a").
Found region_of(const std::optional<Found>& setting, const SharedProfile& profile,
                const Environment& environment);

/// Where a service's requests go.
struct Endpoint {
    std::string url;    // without a path: "https://ec2.ca-central-1.amazonaws.com"
    std::string host;   // as in the Host header: with a port that isn't the scheme's own
    std::string origin; // what overrides AWS's own endpoint; empty where nothing does
};

/// A service's own endpoint, or what overrides it in the order of the AWS tools:
/// AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's [services], its endpoint_url.
/// AWS_IGNORE_CONFIGURED_ENDPOINT_URLS switches these off. Throws Error(configuration) for one that
/// isn't a URL of scheme, host and port alone.
Endpoint endpoint_of(std::string_view service, const std::string& region,
                     const SharedProfile& profile, const Environment& environment);

} // namespace crudctl::aws
