#pragma once

#include "aws/request/http.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// An event that Lambda hands to its function.
struct Invocation {
    std::string id;
    std::string event; // as it came, byte for byte
    /// When Lambda ends the function, whatever it is at.
    std::chrono::system_clock::time_point deadline;
};

/// What the caller of a function is told in place of a result, and who runs it reads in the log.
struct InvocationError {
    std::string type;    // "Crudctl.QueryFailed"
    std::string message; // for the caller, Cognito's end user
};

/// `{"errorMessage":…,"errorType":…,"stackTrace":[]}`
std::string to_json(const InvocationError& error);

/// Lambda's side of a function: gives events one after another, and takes what became of them.
class LambdaRuntime {
public:
    /// `address` is AWS_LAMBDA_RUNTIME_API, "127.0.0.1:9001". `http` must go through no proxy, and
    /// outlive this.
    LambdaRuntime(const std::string& address, HttpClient& http);

    /// Waits for the next event, frozen meanwhile or not. Throws Error(external) where Lambda does
    /// not give one: then the process has to end.
    Invocation next();
    /// Throws Error(external) where Lambda has no use for the process any more, and
    /// AnswerRefused where it has only none for this answer.
    void answer(const Invocation& invocation, const std::string& result);
    void fail(const Invocation& invocation, const InvocationError& error);
    /// The function cannot be started at all.
    void fail_init(const InvocationError& error);

private:
    void post(const std::string& path, const std::string& body, const std::string& type);

    std::string m_url;
    HttpClient& m_http;
};

/// Lambda did not take an answer: it came too late, or is too large. The next event may go better.
class AnswerRefused : public Error {
public:
    explicit AnswerRefused(int status);
};

} // namespace crudctl::aws
