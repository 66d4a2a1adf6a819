#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl {

/// What a host's name stands for.
struct LookUp {
    std::vector<std::string> addresses; // in the system's order; empty where there is none
    std::string problem;                // why not
};

/// Asks the system's resolver, for so long at most: it cannot be interrupted, so that it is left
/// behind. An address stands for itself. `on_wait`, which may be empty, is called about ten times a
/// second. Throws Error(interrupted|terminated) as soon as a signal comes.
LookUp look_up(const std::string& host, std::chrono::seconds timeout,
               const std::function<void()>& on_wait);

/// Whether the name or address is this machine's own, whatever the network.
bool is_loopback(std::string_view host);

/// How a port answers.
enum class Reach {
    answers,
    refuses,        // nobody listens there
    is_silent,      // no answer in the time there was
    is_unreachable, // no way there, or any other reason
};

struct Contact {
    std::string address;
    Reach reach = Reach::is_silent;
    std::string problem;     // in the system's words, where it neither answers nor is silent
    std::string own_address; // from which it was reached
};

/// Opens a connection to this port at each of the addresses, at once, and closes it; the first one
/// that answers ends the wait, which takes so long at most. In the addresses' order. Throws as
/// look_up() does.
std::vector<Contact> try_port(const std::vector<std::string>& addresses, const std::string& port,
                              std::chrono::seconds timeout, const std::function<void()>& on_wait);

} // namespace crudctl
