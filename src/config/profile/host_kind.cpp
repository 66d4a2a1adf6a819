#include "config/profile/host_kind.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>

namespace crudctl::config {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

/// The first `bits` of an address that a block's addresses share.
struct Block {
    std::array<std::uint8_t, 4> prefix;
    unsigned bits;
};

constexpr std::array local_blocks = {
    Block{{0, 0, 0, 0}, 8},      Block{{10, 0, 0, 0}, 8},     Block{{100, 64, 0, 0}, 10},
    Block{{127, 0, 0, 0}, 8},    Block{{169, 254, 0, 0}, 16}, Block{{172, 16, 0, 0}, 12},
    Block{{192, 168, 0, 0}, 16},
};

bool is_in(const std::uint8_t* address, const Block& block)
{
    for (unsigned bit = 0; bit < block.bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8);
        if ((address[bit / 8] & mask) != (block.prefix[bit / 8] & mask)) {
            return false;
        }
    }
    return true;
}

bool is_public_ipv4(const std::uint8_t* address)
{
    return std::none_of(local_blocks.begin(), local_blocks.end(),
                        [address](const Block& block) { return is_in(address, block); });
}

bool is_public_ipv6(const Bytes& address)
{
    const bool is_mapped = std::all_of(address.begin(), address.begin() + 10,
                                       [](std::uint8_t byte) { return byte == 0; }) &&
                           address[10] == 0xFF && address[11] == 0xFF;
    if (is_mapped) {
        return is_public_ipv4(address.data() + 12);
    }
    Bytes loopback{};
    loopback[15] = 1;
    const bool is_link_local = address[0] == 0xFE && (address[1] & 0xC0U) == 0x80;
    const bool is_unique_local = (address[0] & 0xFEU) == 0xFC;
    return address != loopback && address != Bytes{} && !is_link_local && !is_unique_local;
}

std::optional<bool> judged_as_address(const std::string& host)
{
    Bytes address{};
    const std::string without_zone = host.substr(0, host.find('%'));
    if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
        return is_public_ipv4(address.data());
    }
    if (::inet_pton(AF_INET6, without_zone.c_str(), address.data()) == 1) {
        return is_public_ipv6(address);
    }
    return std::nullopt;
}

bool is_public_name(std::string name)
{
    if (name.ends_with('.')) {
        name.pop_back();
    }
    constexpr std::array<std::string_view, 3> local_endings = {".local", ".internal", ".localhost"};
    return name.find('.') != std::string::npos &&
           std::none_of(local_endings.begin(), local_endings.end(),
                        [&name](std::string_view ending) { return name.ends_with(ending); });
}

bool is_public_single_host(std::string_view host)
{
    if (host.empty() || host.front() == '/' || host.front() == '@') {
        return false;
    }
    const std::string name = lower_ascii(host);
    return judged_as_address(name).value_or(is_public_name(name));
}

bool is_loopback(const std::string& host)
{
    std::array<std::uint8_t, 16> address{};
    if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
        return address[0] == 127;
    }
    if (::inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
        constexpr std::array<std::uint8_t, 16> loopback = {0, 0, 0, 0, 0, 0, 0, 0,
                                                           0, 0, 0, 0, 0, 0, 0, 1};
        return address == loopback;
    }
    return false;
}

/// The resolver takes "2130706433" and "0x7f000001" for addresses.
bool is_number(std::string_view name)
{
    return name.starts_with("0x") ||
           std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_single_label(std::string_view name)
{
    return !is_number(name) && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::vector<std::string> parts_of(const std::string& list)
{
    std::vector<std::string> parts(1);
    for (const char c : list) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// One name for each host that has several.
std::string plain_host(const std::string& host)
{
    if (host.starts_with('/')) {
        std::error_code unresolved; // then the path as it stands is as good
        const auto folder = std::filesystem::weakly_canonical(host, unresolved);
        return unresolved ? host : folder.string();
    }
    std::string name = lower_ascii(host);
    if (name.ends_with('.')) {
        name.pop_back();
    }
    return name == "127.0.0.1" || name == "::1" ? "localhost" : name;
}

/// Each server that may answer: host and port.
std::vector<std::pair<std::string, std::string>> servers_of(const pg::ConnInfo& info)
{
    const auto hosts = parts_of(info.value("hostaddr").value_or(info.host()));
    const auto ports = parts_of(info.value("port").value_or(""));
    std::vector<std::pair<std::string, std::string>> servers;
    for (std::size_t i = 0; i < hosts.size(); ++i) {
        const std::string& port = i < ports.size() ? ports[i] : ports.front();
        servers.emplace_back(plain_host(hosts[i]), port.empty() ? "5432" : port);
    }
    return servers;
}

} // namespace

bool is_public_host(std::string_view hosts)
{
    while (!hosts.empty()) {
        const std::string_view host = hosts.substr(0, hosts.find(','));
        if (is_public_single_host(trimmed(host))) {
            return true;
        }
        hosts.remove_prefix(std::min(hosts.size(), host.size() + 1));
    }
    return false;
}

bool is_near_host(std::string_view host)
{
    if (host.empty() || host.front() == '/' || host.front() == '@') {
        return true;
    }
    const std::string name = lower_ascii(host);
    return name.ends_with(".localhost") || is_single_label(name) || is_loopback(name);
}

bool lead_to_same_database(const pg::ConnInfo& one, const pg::ConnInfo& other)
{
    if (one.database() != other.database()) {
        return false;
    }
    const auto servers = servers_of(one);
    return std::ranges::any_of(servers_of(other), [&](const auto& server) {
        return std::ranges::find(servers, server) != servers.end();
    });
}

} // namespace crudctl::config
