#include "aws/host.hpp"

#include "support/text.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <regex>

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
    // China has it the other way round.
    static const std::regex usual(R"(.+\.([a-z0-9-]+)\.rds\.amazonaws\.(?:com|eu)\.?)");
    static const std::regex chinese(R"(.+\.rds\.([a-z0-9-]+)\.amazonaws\.com\.cn\.?)");
    const std::string name = lower_ascii(host);
    std::smatch match;
    return std::regex_match(name, match, usual) || std::regex_match(name, match, chinese)
               ? std::optional(match[1].str())
               : std::nullopt;
}

} // namespace crudctl::aws
