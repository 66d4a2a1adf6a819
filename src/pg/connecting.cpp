#include "pg/connecting.hpp"

#include "pg/canceller.hpp"
#include "pg/connect_failure.hpp"
#include "support/process/interrupt.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

namespace crudctl::pg {

namespace {

struct KeywordArrays {
    std::vector<const char*> keywords;
    std::vector<const char*> values;
};

/// They point into the two.
KeywordArrays arrays_of(const ConnInfo& info, const Secret& password)
{
    KeywordArrays arrays;
    for (const auto& [keyword, value] : info.keywords()) {
        arrays.keywords.push_back(keyword.c_str());
        arrays.values.push_back(value.c_str());
    }
    if (!password.empty()) {
        arrays.keywords.push_back("password");
        arrays.values.push_back(password.reveal().c_str());
    }
    arrays.keywords.push_back(nullptr);
    arrays.values.push_back(nullptr);
    return arrays;
}

/// libpq counts connect_timeout itself only in its blocking form: for each address, as here.
class LogInDeadline {
public:
    LogInDeadline(PGconn* handle, std::chrono::seconds timeout)
        : m_handle(handle), m_timeout(timeout), m_end(Clock::now() + timeout)
    {}

    bool is_over()
    {
        const std::string place = current_place();
        if (place != m_place) {
            m_place = place;
            m_end = Clock::now() + m_timeout;
        }
        return Clock::now() > m_end;
    }

    /// Makes libpq go on to the next address, which can only be done to a socket that is still
    /// connecting; false where it is not.
    bool skip_address()
    {
        const bool is_connecting = PQstatus(m_handle) == CONNECTION_STARTED;
        const bool is_first_try = m_skipped_place != m_place;
        m_skipped_place = m_place;
        return is_connecting && is_first_try && ::shutdown(PQsocket(m_handle), SHUT_RDWR) == 0;
    }

    /// libpq's message, where a skipped address shows as a reset connection.
    std::string message() const
    {
        std::string text = PQerrorMessage(m_handle);
        const std::string reset = std::generic_category().message(ECONNRESET);
        const std::string reason = no_answer_text(m_timeout);
        for (auto at = text.find(reset); !m_skipped_place.empty() && at != std::string::npos;
             at = text.find(reset, at + reason.size())) {
            text.replace(at, reset.size(), reason);
        }
        return text;
    }

private:
    using Clock = std::chrono::steady_clock;

    std::string current_place() const
    {
        const char* address = PQhostaddr(m_handle);
        return address == nullptr ? std::string() : fmt::format("{} {}", address, PQport(m_handle));
    }

    PGconn* m_handle;
    std::chrono::seconds m_timeout;
    Clock::time_point m_end;
    std::string m_place;
    std::string m_skipped_place;
};

/// Whether a connection is as far as wanted, asked whenever it has moved.
class Milestone {
public:
    Milestone(const ConnInfo& info, Stage stage)
        : m_stage(stage), m_negotiates(!info.is_unix_socket() && may_begin_with_tls(info))
    {}

    bool is_reached(const PGconn* handle)
    {
        const auto status = PQstatus(handle);
        m_negotiates = m_negotiates && status != CONNECTION_SSL_STARTUP;
        switch (status) {
        case CONNECTION_MADE: // before TLS is asked for, and again when that is settled
            return m_stage == Stage::encryption && !m_negotiates;
        case CONNECTION_AWAITING_RESPONSE:
        case CONNECTION_AUTH_OK:
            return m_stage == Stage::encryption;
        default:
            return false;
        }
    }

private:
    static bool may_begin_with_tls(const ConnInfo& info)
    {
        const std::string mode = info.value("sslmode").value_or("prefer");
        return mode != "disable" && mode != "allow";
    }

    Stage m_stage;
    bool m_negotiates; // it has yet to begin
};

constexpr std::chrono::seconds default_connect_timeout{10};

} // namespace

ConnHandle start_connecting(const ConnInfo& info)
{
    const Secret password = info.password();
    const KeywordArrays arrays = arrays_of(info, password);
    constexpr int no_expansion = 0; // a database named "postgres://…" stays a name
    ConnHandle handle(
        PQconnectStartParams(arrays.keywords.data(), arrays.values.data(), no_expansion));
    if (!handle) {
        throw Error(ExitCode::connection, "cannot connect: out of memory");
    }
    // In verbose form the message of a refused log-in carries its SQLSTATE, in any language.
    PQsetErrorVerbosity(handle.get(), PQERRORS_VERBOSE);
    return handle;
}

void go_on_connecting(PGconn* handle, const ConnInfo& info, Stage stage,
                      const std::function<void()>& on_wait)
{
    const std::chrono::seconds timeout = connect_timeout_of(info);
    LogInDeadline deadline(handle, timeout);
    Milestone milestone(info, stage);
    auto progress =
        PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (progress != PGRES_POLLING_OK) {
        if (progress == PGRES_POLLING_FAILED) {
            throw connect_error_of(info, deadline.message());
        }
        if (milestone.is_reached(handle)) {
            return;
        }
        const short events = progress == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        const auto readiness = poll_socket(PQsocket(handle), events, wait_tick);
        if (readiness == Readiness::interrupted) {
            interrupt::throw_if_pending();
        }
        if (readiness == Readiness::ready) {
            progress = PQconnectPoll(handle);
        } else if (deadline.is_over()) {
            if (!deadline.skip_address()) {
                throw silence_error_of(info, timeout);
            }
            progress = PQconnectPoll(handle);
        } else if (on_wait) {
            on_wait();
        }
    }
}

std::string tls_version(PGconn* handle)
{
    const char* version = PQsslInUse(handle) == 1 ? PQsslAttribute(handle, "protocol") : nullptr;
    return version == nullptr ? std::string() : std::string(version);
}

std::chrono::seconds connect_timeout_of(const ConnInfo& info)
{
    const std::string digits = info.value("connect_timeout").value_or("");
    int seconds = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    return seconds > 0 ? std::chrono::seconds(seconds) : default_connect_timeout;
}

} // namespace crudctl::pg
