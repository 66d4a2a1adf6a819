#include "support/system/network.hpp"

#include "support/process/interrupt.hpp"
#include "support/system/file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

namespace crudctl {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto tick = 100ms;

struct AddressesCloser {
    void operator()(addrinfo* addresses) const noexcept { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, AddressesCloser>;

/// The resolver's answer; its code is 0 where there is one.
std::pair<int, Addresses> ask_resolver(const std::string& host, const char* port, int flags)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int code = ::getaddrinfo(host.c_str(), port, &hints, &found);
    return {code, Addresses(code == 0 ? found : nullptr)};
}

std::string text_of(const sockaddr* address, socklen_t length)
{
    std::array<char, NI_MAXHOST> text{};
    const int code =
        ::getnameinfo(address, length, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return code == 0 ? std::string(text.data()) : std::string();
}

LookUp resolved(const std::string& host)
{
    const auto [code, found] = ask_resolver(host, nullptr, 0);
    LookUp result;
    if (code != 0) {
        result.problem = ::gai_strerror(code);
    }
    for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
        std::string text = text_of(each->ai_addr, each->ai_addrlen);
        if (std::find(result.addresses.begin(), result.addresses.end(), text) ==
            result.addresses.end()) {
            result.addresses.push_back(std::move(text));
        }
    }
    return result;
}

/// A connection to one address that is being opened.
class Opening {
public:
    Opening(const std::string& address, const std::string& port)
    {
        m_contact.address = address;
        const auto [code, found] =
            ask_resolver(address, port.c_str(), AI_NUMERICHOST | AI_NUMERICSERV);
        if (code != 0) {
            end(Reach::is_unreachable, ::gai_strerror(code));
            return;
        }
        m_socket = Descriptor(::socket(found->ai_family, SOCK_STREAM, 0));
        const bool is_usable = m_socket && ::fcntl(m_socket.number(), F_SETFD, FD_CLOEXEC) == 0 &&
                               ::fcntl(m_socket.number(), F_SETFL, O_NONBLOCK) == 0;
        const bool is_done =
            is_usable && ::connect(m_socket.number(), found->ai_addr, found->ai_addrlen) == 0;
        if (is_done || !is_usable || errno != EINPROGRESS) {
            end_with(is_done ? 0 : errno);
        }
    }

    bool is_open() const noexcept { return m_is_open; }
    int socket() const noexcept { return m_socket.number(); }
    const Contact& contact() const noexcept { return m_contact; }

    /// The socket is ready: it connected, or failed.
    void settle()
    {
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(m_socket.number(), SOL_SOCKET, SO_ERROR, &error, &length);
        end_with(error);
    }

private:
    void end_with(int error)
    {
        if (error == ETIMEDOUT) {
            end(Reach::is_silent, "");
        } else if (error != 0) {
            end(error == ECONNREFUSED ? Reach::refuses : Reach::is_unreachable, error_text(error));
        } else {
            sockaddr_storage own{};
            socklen_t length = sizeof own;
            auto* address = reinterpret_cast<sockaddr*>(&own);
            if (::getsockname(m_socket.number(), address, &length) == 0) {
                m_contact.own_address = text_of(address, length);
            }
            end(Reach::answers, "");
        }
    }

    void end(Reach reach, std::string problem)
    {
        m_is_open = false;
        m_contact.reach = reach;
        m_contact.problem = std::move(problem);
        m_socket.close();
    }

    Descriptor m_socket;
    Contact m_contact;
    bool m_is_open = true;
};

/// Waits for the next of them to settle, or for a signal, no longer than a tick.
void wait_for_any(std::vector<Opening>& openings)
{
    std::vector<pollfd> waits;
    waits.push_back({interrupt::descriptor(), POLLIN, 0});
    for (const Opening& opening : openings) {
        waits.push_back({opening.is_open() ? opening.socket() : -1, POLLOUT, 0});
    }
    ::poll(waits.data(), waits.size(), static_cast<int>(tick.count()));
    interrupt::throw_if_pending();
    for (std::size_t i = 0; i < openings.size(); ++i) {
        if (waits[i + 1].revents != 0) {
            openings[i].settle();
        }
    }
}

bool is_settled(const std::vector<Opening>& openings)
{
    const auto answers = [](const Opening& opening) {
        return !opening.is_open() && opening.contact().reach == Reach::answers;
    };
    return std::any_of(openings.begin(), openings.end(), answers) ||
           std::none_of(openings.begin(), openings.end(),
                        [](const Opening& opening) { return opening.is_open(); });
}

} // namespace

bool is_loopback(std::string_view host)
{
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

LookUp look_up(const std::string& host, std::chrono::seconds timeout,
               const std::function<void()>& on_wait)
{
    std::packaged_task<LookUp()> task([host] { return resolved(host); });
    std::future<LookUp> answer = task.get_future();
    std::thread(std::move(task)).detach();
    const auto deadline = Clock::now() + timeout;
    while (answer.wait_for(tick) != std::future_status::ready) {
        interrupt::throw_if_pending();
        if (Clock::now() > deadline) {
            return {{}, "the resolver does not answer"};
        }
        if (on_wait) {
            on_wait();
        }
    }
    return answer.get();
}

std::vector<Contact> try_port(const std::vector<std::string>& addresses, const std::string& port,
                              std::chrono::seconds timeout, const std::function<void()>& on_wait)
{
    std::vector<Opening> openings;
    openings.reserve(addresses.size());
    for (const std::string& address : addresses) {
        openings.emplace_back(address, port);
    }
    const auto deadline = Clock::now() + timeout;
    while (!is_settled(openings) && Clock::now() < deadline) {
        wait_for_any(openings);
        if (on_wait) {
            on_wait();
        }
    }
    std::vector<Contact> contacts;
    contacts.reserve(openings.size());
    for (const Opening& opening : openings) {
        contacts.push_back(opening.contact());
    }
    return contacts;
}

} // namespace crudctl
