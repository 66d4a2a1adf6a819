#include "aws/lambda/lambda_runtime.hpp"

#include "support/text/text.hpp"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace crudctl::aws {

namespace {

constexpr int ok = 200;
constexpr int accepted = 202;
constexpr int server_error = 500;
constexpr std::size_t largest_event = std::size_t{16} << 20U; // Lambda's own limit is 6 MB

std::string header(const HttpResponse& response, const char* name)
{
    const auto found = response.headers.find(name);
    return found == response.headers.end() ? std::string() : found->second;
}

std::chrono::system_clock::time_point deadline_of(const HttpResponse& response)
{
    const std::string text = header(response, "lambda-runtime-deadline-ms");
    long long milliseconds = 0;
    std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    // Whoever doesn't say leaves it to the handler's own limit.
    return milliseconds > 0
               ? std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds))
               : std::chrono::system_clock::time_point::max();
}

[[noreturn]] void throw_refused(const std::string& what, int status)
{
    throw Error(ExitCode::external,
                fmt::format("Lambda's runtime API {} with status {}", what, status));
}

} // namespace

AnswerRefused::AnswerRefused(int status)
    : Error(ExitCode::external,
            fmt::format("Lambda's runtime API did not take the answer: status {}", status))
{}

std::string to_json(const InvocationError& error)
{
    const nlohmann::ordered_json document = {{"errorMessage", error.message},
                                             {"errorType", error.type},
                                             {"stackTrace", nlohmann::ordered_json::array()}};
    return document.dump();
}

LambdaRuntime::LambdaRuntime(const std::string& address, HttpClient& http)
    : m_url(fmt::format("http://{}/2018-06-01/runtime/", address)), m_http(http)
{}

Invocation LambdaRuntime::next()
{
    HttpRequest request;
    request.url = m_url + "invocation/next";
    request.largest_answer = largest_event;
    request.waits_forever = true;
    HttpResponse response = m_http.send(request);
    Invocation invocation;
    invocation.id = header(response, "lambda-runtime-aws-request-id");
    if (response.status != ok || invocation.id.empty()) {
        throw_refused("gave no event, but answered", response.status);
    }
    invocation.deadline = deadline_of(response);
    invocation.event = std::move(response.body);
    return invocation;
}

void LambdaRuntime::answer(const Invocation& invocation, const std::string& result)
{
    post(fmt::format("invocation/{}/response", invocation.id), result, {});
}

void LambdaRuntime::fail(const Invocation& invocation, const InvocationError& error)
{
    post(fmt::format("invocation/{}/error", invocation.id), to_json(error), error.type);
}

void LambdaRuntime::fail_init(const InvocationError& error)
{
    post("init/error", to_json(error), error.type);
}

void LambdaRuntime::post(const std::string& path, const std::string& body, const std::string& type)
{
    HttpRequest request;
    request.url = m_url + path;
    request.body = body;
    request.headers = {{"Content-Type", "application/json"}};
    if (!type.empty()) {
        request.headers.emplace("Lambda-Runtime-Function-Error-Type", type);
    }
    const int status = m_http.send(request).status;
    if (status >= server_error) {
        throw_refused("wants the process to end: it answered", status);
    }
    if (status != accepted) {
        throw AnswerRefused(status);
    }
}

} // namespace crudctl::aws
