#pragma once

#include "aws/request/http.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::aws {

/// What an IPv4 address is good for in a rule.
enum class AddressKind {
    none,     // not a dotted quad, or no host's: 0.0.0.0, loopback, link-local, multicast
    internal, // of a private or a provider's inner network: not what the internet sees
    open,
};
AddressKind address_kind(const std::string& text);

/// The services that are asked, where nothing else says so.
std::vector<std::string> address_services();

/// The words of a list with blanks or commas between them: URLs.
std::vector<std::string> service_list(std::string_view text);

struct PublicAddress {
    std::string address;
    std::string service; // its URL
};

/// This machine's address as the internet sees it: the first answer of the services in their order
/// that is an open address and nothing else. `tell` hears why the others were passed over. Throws
/// Error(external) where none gives one.
PublicAddress find_public_address(HttpClient& http, const std::vector<std::string>& services,
                                  const std::function<void(const std::string&)>& tell);

} // namespace crudctl::aws
