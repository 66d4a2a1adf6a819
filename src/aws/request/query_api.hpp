#pragma once

#include "aws/request/endpoint.hpp"
#include "aws/request/http.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pugi {
class xml_document;
class xml_node;
} // namespace pugi

namespace crudctl::aws {

/// Time, as requests need it; tests make one of their own.
struct Pacing {
    std::function<std::chrono::system_clock::time_point()> now;
    std::function<void(std::chrono::milliseconds)> sleep;
    std::function<double()> random; // 0 to 1

    /// The real one: a signal ends its sleep, and throws Error.
    static Pacing of_machine();
};

/// An answer of AWS that says no. Exit code `busy` where it had too much to do, else `external`.
class ServiceError : public Error {
public:
    struct Answer {
        std::string code;    // "InvalidGroup.NotFound"; empty where the body had none
        std::string message; // in AWS's words
        std::string request_id;
        int status = 0;
        std::optional<std::chrono::sys_seconds> date;
    };
    ServiceError(const std::string& what, Answer answer);

    const std::string& service_code() const noexcept { return m_answer.code; }
    const Answer& answer() const noexcept { return m_answer; }

private:
    Answer m_answer;
};

/// In the order in which they are sent.
using Parameters = std::vector<std::pair<std::string, std::string>>;

/// One service with a query protocol: forms are sent, XML comes back.
class QueryApi {
public:
    struct Service {
        std::string name;    // "ec2"
        std::string version; // "2016-11-15"
        std::string region;
        Endpoint endpoint;
        std::optional<Credentials> credentials; // without: the requests are not signed
    };
    /// Tries at most so often. `tell` hears of retries and of a wrong clock.
    struct RetryPolicy {
        Pacing pacing;
        int attempts = 3;
        std::function<void(const std::string&)> tell;
    };

    QueryApi(HttpClient& http, Service service, RetryPolicy policy);

    /// Sends Action, Version and these parameters; gives the answer's root element's document.
    /// Tries again what may pass, with growing pauses, and once with the service's time where the
    /// clock is wrong. So an action must do no harm when it is done twice. Throws ServiceError,
    /// HttpError, and Error(interrupted|terminated).
    std::shared_ptr<pugi::xml_document> call(const std::string& action,
                                             const Parameters& parameters);

private:
    HttpResponse send(const std::string& body);
    HttpResponse try_once(const std::string& action, const std::string& body);
    bool corrects_clock(const ServiceError& error);
    void pause(int attempt, const std::string& why) const;

    HttpClient& m_http;
    Service m_service;
    RetryPolicy m_retry_policy;
    std::chrono::seconds m_clock_error{0}; // to be added to this machine's time
    bool m_has_corrected_clock = false;
};

/// `a=b+c&d=e`, percent-encoded, as forms are; byte by byte what the AWS tools send.
std::string form_text(const Parameters& parameters);

/// The error of an answer in any of the shapes that AWS has for it; without a code where the body
/// is something else. The message is one line, without what a signature error repeats of a request.
ServiceError::Answer error_answer(const HttpResponse& response);

/// The service has too much to do: safe to try again, later.
bool is_throttling(std::string_view code);

/// Another try could go better, by the code or by the HTTP status.
bool is_transient(std::string_view code, int status);

/// May come from a clock that is wrong.
bool is_about_the_clock(std::string_view code);

/// What helps with this error; empty where there is nothing to add to AWS's message.
std::string hint_for(std::string_view code);

} // namespace crudctl::aws
