#include "aws/endpoint.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <regex>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

std::optional<Found> variable(const Environment& environment, const std::string& name)
{
    const auto value = environment.value(name);
    return value ? std::optional(Found{*value, name}) : std::nullopt;
}

std::optional<Found> first_of(std::initializer_list<std::optional<Found>> candidates)
{
    for (const auto& candidate : candidates) {
        if (candidate) {
            return candidate;
        }
    }
    return std::nullopt;
}

/// A region becomes part of a host name.
bool is_label(std::string_view text)
{
    return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

void require_region(const Found& region)
{
    static const std::regex zone("([a-z]+(-[a-z]+)+-[0-9]+)[a-z]");
    std::smatch match;
    if (std::regex_match(region.text, match, zone)) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" ({}) is an availability zone, not a region", region.text,
                                region.origin),
                    fmt::format("its region is \"{}\"", match[1].str()));
    }
    if (!is_label(region.text)) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" ({}) cannot be a region",
                                printable(shortened(region.text, 64)), region.origin),
                    "a region looks like \"ca-central-1\"");
    }
}

std::string dns_suffix(std::string_view region)
{
    if (region.starts_with("cn-")) {
        return "amazonaws.com.cn";
    }
    return region.starts_with("eusc-") ? "amazonaws.eu" : "amazonaws.com";
}

bool is_true(const std::optional<Found>& value)
{
    return value && equal_ignoring_case(value->text, "true");
}

std::optional<Found> override_of(std::string_view service, const SharedProfile& profile,
                                 const Environment& environment)
{
    if (is_true(first_of({variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
                          profile.value("ignore_configured_endpoint_urls")}))) {
        return std::nullopt;
    }
    if (service == "monitoring") { // its host and its signature only
        service = "cloudwatch";
    }
    std::string upper(service);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return static_cast<char>(c - (c >= 'a' && c <= 'z' ? 32 : 0)); });
    return first_of({variable(environment, "AWS_ENDPOINT_URL_" + upper),
                     variable(environment, "AWS_ENDPOINT_URL"),
                     profile.service_value(std::string(service), "endpoint_url"),
                     profile.value("endpoint_url")});
}

/// The port that a URL needn't name.
bool is_usual_port(std::string_view scheme, std::string_view port)
{
    return port.empty() || (scheme == "https" && port == "443") ||
           (scheme == "http" && port == "80");
}

Endpoint parsed(const Found& url)
{
    static const std::regex form(
        R"((https?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/?)");
    std::smatch match;
    if (!std::regex_match(url.text, match, form)) {
        throw Error(
            ExitCode::configuration,
            fmt::format("the endpoint in {} is not a URL of scheme, host and port", url.origin),
            "it looks like \"http://localhost:4566\"");
    }
    const std::string scheme = match[1];
    const std::string port = match[3];
    const std::string host =
        lower_ascii(match[2].str()) + (is_usual_port(scheme, port) ? std::string() : ":" + port);
    return {fmt::format("{}://{}", scheme, host), host, url.origin};
}

} // namespace

Found region_of(const std::optional<Found>& setting, const SharedProfile& profile,
                const Environment& environment)
{
    const auto region =
        first_of({setting, variable(environment, "AWS_REGION"),
                  variable(environment, "AWS_DEFAULT_REGION"), profile.value("region")});
    if (!region) {
        throw Error(ExitCode::configuration, "no AWS region is set",
                    "set aws.region in the profile, or AWS_REGION, such as \"ca-central-1\"");
    }
    require_region(*region);
    return *region;
}

Endpoint endpoint_of(std::string_view service, const std::string& region,
                     const SharedProfile& profile, const Environment& environment)
{
    if (const auto url = override_of(service, profile, environment)) {
        return parsed(*url);
    }
    const std::string host = fmt::format("{}.{}.{}", service, region, dns_suffix(region));
    return {"https://" + host, host, {}};
}

} // namespace crudctl::aws
