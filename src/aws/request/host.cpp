#include "aws/request/host.hpp"

#include "support/text/text.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include <arpa/inet.h>
#include <curl/curl.h>

namespace crudctl::aws {

namespace {

struct UrlCloser {
    void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
struct TextCloser {
    void operator()(char* text) const noexcept { curl_free(text); }
};

std::optional<std::uint32_t> ipv4_number(const std::string& host)
{
    in_addr address{};
    return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ? std::optional(ntohl(address.s_addr))
                                                             : std::nullopt;
}

std::optional<in6_addr> ipv6_address(const std::string& host)
{
    in6_addr address{};
    return ::inet_pton(AF_INET6, host.c_str(), &address) == 1 ? std::optional(address)
                                                              : std::nullopt;
}

bool is_link_local(const in6_addr& address)
{
    return address.s6_addr[0] == 0xfe && (address.s6_addr[1] & 0xc0U) == 0x80U;
}

bool is_metadata_address(const in6_addr& address)
{
    constexpr std::array<unsigned char, 4> front = {0xfd, 0x00, 0x0e, 0xc2};
    return std::memcmp(static_cast<const void*>(&address), front.data(), front.size()) == 0;
}

/// The last label in front of this ending of a name, where it isn't the first one of all.
std::optional<std::string> label_before(std::string_view ending, std::string_view name)
{
    if (!name.ends_with(ending)) {
        return std::nullopt;
    }
    name.remove_suffix(ending.size());
    const auto dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) {
        return std::nullopt;
    }
    const std::string_view label = name.substr(dot + 1);
    const bool is_label =
        consists_of(label, [](char c) { return is_lower_letter(c) || is_digit(c) || c == '-'; });
    return is_label ? std::optional<std::string>(label) : std::nullopt;
}

} // namespace

std::string host_of(const std::string& url)
{
    const std::unique_ptr<CURLU, UrlCloser> parsed(curl_url());
    if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
        return {};
    }
    char* text = nullptr;
    if (curl_url_get(parsed.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK) {
        return {};
    }
    const std::unique_ptr<char, TextCloser> owned(text);
    const std::string host = text;
    return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

bool is_loopback_host(const std::string& host)
{
    if (const auto number = ipv4_number(host)) {
        return *number >> 24U == 127U;
    }
    const auto address = ipv6_address(host);
    return address ? IN6_IS_ADDR_LOOPBACK(&*address) != 0 : equal_ignoring_case(host, "localhost");
}

bool is_local_host(const std::string& host)
{
    if (const auto number = ipv4_number(host); number && *number >> 16U == 0xa9feU) {
        return true;
    }
    const auto address = ipv6_address(host);
    return is_loopback_host(host) ||
           (address && (is_link_local(*address) || is_metadata_address(*address)));
}

std::optional<std::string> region_of_rds_host(const std::string& host)
{
    const std::string lower = lower_ascii(host);
    const std::string_view name =
        std::string_view(lower).substr(0, lower.size() - (lower.ends_with('.') ? 1 : 0));
    for (const char* ending : {".rds.amazonaws.com", ".rds.amazonaws.eu"}) {
        if (auto region = label_before(ending, name)) {
            return region;
        }
    }
    // China has it the other way round.
    const std::string ending = ".amazonaws.com.cn";
    auto region = label_before(ending, name);
    return region && label_before("." + *region + ending, name) == "rds" ? region : std::nullopt;
}

bool is_rds_host(const std::string& host)
{
    return region_of_rds_host(host).has_value();
}

std::optional<RdsHost> parse_rds_host(const std::string& host)
{
    const std::string name = lower_ascii(host);
    const auto region = region_of_rds_host(name);
    const std::vector<std::string_view> labels = split_at('.', name);
    // The second label of a cluster or a proxy begins with what it is, and a hyphen.
    const bool has_instance =
        labels.size() > 2 &&
        consists_of(labels[0],
                    [](char c) { return is_lower_letter(c) || is_digit(c) || c == '-'; }) &&
        consists_of(labels[1], [](char c) { return is_lower_letter(c) || is_digit(c); });
    return region && has_instance ? std::optional(RdsHost{std::string(labels[0]), *region})
                                  : std::nullopt;
}

} // namespace crudctl::aws
