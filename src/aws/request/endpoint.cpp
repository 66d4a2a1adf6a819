#include "aws/request/endpoint.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>

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
    return text.size() <= 63 && !text.starts_with('-') && !text.ends_with('-') &&
           consists_of(text, [](char c) { return is_lower_letter(c) || is_digit(c) || c == '-'; });
}

/// Of the form "ca-central-1a": words, then a number and a letter.
bool is_zone(std::string_view text)
{
    std::vector<std::string_view> parts = split_at('-', text);
    const std::string_view last = parts.back();
    parts.pop_back();
    return parts.size() >= 2 && last.size() >= 2 && is_lower_letter(last.back()) &&
           consists_of(last.substr(0, last.size() - 1), is_digit) &&
           std::ranges::all_of(
               parts, [](std::string_view part) { return consists_of(part, is_lower_letter); });
}

void require_region(const Found& region)
{
    if (!is_label(region.text)) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" ({}) cannot be a region",
                                printable(shortened(region.text, 64)), region.origin),
                    "a region looks like \"ca-central-1\"");
    }
    if (is_zone(region.text)) {
        throw Error(
            ExitCode::configuration,
            fmt::format("\"{}\" ({}) is an availability zone, not a region", region.text,
                        region.origin),
            fmt::format("its region is \"{}\"", region.text.substr(0, region.text.size() - 1)));
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

struct UrlParts {
    std::string_view scheme;
    std::string_view host; // an IPv6 address in its brackets
    std::string_view port;
};

bool is_url_host(std::string_view host)
{
    if (host.starts_with('[') && host.ends_with(']')) {
        return consists_of(host.substr(1, host.size() - 2),
                           [](char c) { return is_hex_digit(c) || c == ':' || c == '.'; });
    }
    return consists_of(
        host, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

/// The parts of a URL that has no others.
std::optional<UrlParts> parts_of(std::string_view url)
{
    constexpr std::string_view separator = "://";
    const auto scheme_end = url.find(separator);
    const std::string_view scheme = url.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
        return std::nullopt;
    }
    UrlParts parts{scheme, url.substr(scheme_end + separator.size()), {}};
    if (parts.host.ends_with('/')) {
        parts.host.remove_suffix(1);
    }
    const auto colon = parts.host.rfind(':');
    if (colon != std::string_view::npos && !parts.host.ends_with(']')) {
        parts.port = parts.host.substr(colon + 1);
        parts.host = parts.host.substr(0, colon);
        if (parts.port.size() > 5 || !consists_of(parts.port, is_digit)) {
            return std::nullopt;
        }
    }
    return is_url_host(parts.host) ? std::optional(parts) : std::nullopt;
}

Endpoint parsed(const Found& url)
{
    const auto parts = parts_of(url.text);
    if (!parts) {
        throw Error(
            ExitCode::configuration,
            fmt::format("the endpoint in {} is not a URL of scheme, host and port", url.origin),
            "it looks like \"http://localhost:4566\"");
    }
    const bool has_usual_port = is_usual_port(parts->scheme, parts->port);
    const std::string host = lower_ascii(parts->host) +
                             (has_usual_port ? std::string() : fmt::format(":{}", parts->port));
    return {fmt::format("{}://{}", parts->scheme, host), host, url.origin};
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
