#pragma once

#include "aws/endpoint.hpp"
#include "aws/http.hpp"
#include "aws/pacing.hpp"

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
    struct Manners {
        Pacing pacing;
        int attempts = 3;
        std::function<void(const std::string&)> tell;
    };

    QueryApi(HttpClient& http, Service service, Manners manners);

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
    Manners m_manners;
    std::chrono::seconds m_clock_error{0}; // to be added to this machine's time
    bool m_has_corrected_clock = false;
};

/// `a=b+c&d=e`, percent-encoded, as forms are; byte by byte what the AWS tools send.
std::string form_text(const Parameters& parameters);

/// The error of an answer in any of the shapes that AWS has for it; without a code where the body
/// is something else. The message is one line, without what a signature error repeats of a request.
ServiceError::Answer error_answer(const HttpResponse& response);

} // namespace crudctl::aws
