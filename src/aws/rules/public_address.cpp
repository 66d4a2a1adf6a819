#include "aws/rules/public_address.hpp"

#include "aws/request/host.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace crudctl::aws {

namespace {

/// An address of 15 characters and a newline; a page of HTML is cut off early.
constexpr std::size_t largest_answer = 64;

struct Block {
    std::uint32_t network;
    unsigned bits;
};

constexpr std::uint32_t quad(unsigned a, unsigned b, unsigned c)
{
    return a << 24U | b << 16U | c << 8U;
}

/// No host has these.
constexpr std::array unusable = {
    Block{quad(0, 0, 0), 8}, Block{quad(127, 0, 0), 8}, Block{quad(169, 254, 0), 16},
    Block{quad(224, 0, 0), 3}, // multicast, reserved, broadcast
};

/// Private networks, and what providers have behind their own translation.
constexpr std::array inner = {
    Block{quad(10, 0, 0), 8},   Block{quad(100, 64, 0), 10},  Block{quad(172, 16, 0), 12},
    Block{quad(192, 0, 0), 24}, Block{quad(192, 168, 0), 16}, Block{quad(198, 18, 0), 15},
};

bool is_in(std::uint32_t address, const Block& block)
{
    return address >> (32U - block.bits) == block.network >> (32U - block.bits);
}

template <typename Blocks>
bool is_in_any(std::uint32_t address, const Blocks& blocks)
{
    return std::any_of(blocks.begin(), blocks.end(),
                       [address](const Block& block) { return is_in(address, block); });
}

/// Why the answer isn't one; empty where it is.
std::string objection(const HttpResponse& response)
{
    if (response.status != 200) {
        return fmt::format("answered HTTP {}", response.status);
    }
    switch (address_kind(std::string(trimmed(response.body)))) {
    case AddressKind::none:
        return "answered no IPv4 address";
    case AddressKind::internal:
        return "answered an address that the internet does not see";
    case AddressKind::open:
        break;
    }
    return {};
}

} // namespace

AddressKind address_kind(const std::string& text)
{
    in_addr parsed{};
    if (::inet_pton(AF_INET, text.c_str(), &parsed) != 1) {
        return AddressKind::none;
    }
    const std::uint32_t address = ntohl(parsed.s_addr);
    if (is_in_any(address, unusable)) {
        return AddressKind::none;
    }
    return is_in_any(address, inner) ? AddressKind::internal : AddressKind::open;
}

std::vector<std::string> address_services()
{
    return {"https://checkip.amazonaws.com", "https://api.ipify.org", "https://ipv4.icanhazip.com"};
}

std::vector<std::string> service_list(std::string_view text)
{
    std::vector<std::string> services;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(" ,\t\n"));
        if (!word.empty()) {
            services.emplace_back(word);
        }
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return services;
}

PublicAddress find_public_address(HttpClient& http, const std::vector<std::string>& services,
                                  const std::function<void(const std::string&)>& tell)
{
    std::string reasons;
    for (const std::string& service : services) {
        HttpRequest request;
        request.url = service;
        request.largest_answer = largest_answer;
        request.only_ipv4 = true;
        std::string reason;
        try {
            const HttpResponse response = http.send(request);
            reason = objection(response);
            if (reason.empty()) {
                return {std::string(trimmed(response.body)), service};
            }
            reason = fmt::format("\"{}\" {}", host_of(service), reason);
        } catch (const HttpError& error) {
            reason = error.what();
        }
        tell(reason);
        reasons += (reasons.empty() ? "" : "; ") + reason;
    }
    throw Error(ExitCode::external,
                fmt::format("this machine's public address was not found: {}", reasons),
                "give it with --ip; an IPv6 address alone does not do");
}

} // namespace crudctl::aws
