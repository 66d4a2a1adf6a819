#include "aws/rule_match.hpp"

#include <charconv>
#include <cstdint>
#include <optional>

#include <arpa/inet.h>

namespace crudctl::aws {

namespace {

std::optional<std::uint32_t> number_of(const std::string& address)
{
    in_addr parsed{};
    return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1
               ? std::optional<std::uint32_t>(ntohl(parsed.s_addr))
               : std::nullopt;
}

bool is_in_network(const std::string& address, const std::string& cidr)
{
    const auto slash = cidr.find('/');
    const auto network = number_of(cidr.substr(0, slash));
    const auto number = number_of(address);
    unsigned bits = 32;
    if (slash != std::string::npos) {
        std::from_chars(cidr.data() + slash + 1, cidr.data() + cidr.size(), bits);
    }
    if (!network || !number || bits > 32) {
        return false;
    }
    return bits == 0 || *network >> (32 - bits) == *number >> (32 - bits);
}

} // namespace

bool is_for_incoming(const SecurityGroupRule& rule, int port)
{
    const bool is_for_all = rule.protocol == "-1";
    const bool has_port = rule.from_port <= port && port <= rule.to_port;
    return !rule.is_egress && (is_for_all || (rule.protocol == "tcp" && has_port));
}

bool lets_in(const SecurityGroupRule& rule, const std::string& address, int port)
{
    return is_for_incoming(rule, port) && is_in_network(address, rule.cidr);
}

} // namespace crudctl::aws
