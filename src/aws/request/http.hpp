#pragma once

#include "aws/request/signer.hpp"
#include "support/error.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace crudctl::aws {

struct HttpRequest {
    std::string url; // http or https
    Headers headers;
    std::optional<std::string> body; // with one it is a POST, without a GET
    std::size_t largest_answer = std::size_t{4} << 20U;
    bool only_ipv4 = false;
    /// However long the answer takes: a connection that stands is as good as an answer.
    bool waits_forever = false;
};

struct HttpResponse {
    int status = 0;
    Headers headers; // names in lower case
    std::string body;
    /// What the service's clock says, by the Date header.
    std::optional<std::chrono::sys_seconds> date() const;
};

/// No answer, or not a whole one. Exit code `external`.
class HttpError : public Error {
public:
    enum class Outlook { final, may_pass };
    HttpError(const std::string& message, std::string hint, Outlook outlook);

    /// Whether another try could go better: not where a certificate is wrong.
    bool may_pass() const noexcept { return m_outlook == Outlook::may_pass; }

private:
    Outlook m_outlook;
};

/// Sends requests one after another; tests put another one in its place.
class HttpClient {
public:
    HttpClient() = default;
    virtual ~HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Whatever the status is, it is an answer: redirects are not followed. Throws HttpError, and
    /// Error(interrupted|terminated) as soon as a signal comes.
    virtual HttpResponse send(const HttpRequest& request) = 0;
};

} // namespace crudctl::aws
