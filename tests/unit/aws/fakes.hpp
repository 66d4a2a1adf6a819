#pragma once

#include "aws/request/http.hpp"
#include "aws/request/query_api.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

namespace crudctl::aws::test {

inline constexpr std::chrono::sys_seconds noon =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(12);
inline constexpr const char* noon_header = "Sun, 22 Nov 2026 12:00:00 GMT";

/// Answers from a list, and keeps the requests.
class ScriptedHttp : public HttpClient {
public:
    using Answer = std::function<HttpResponse()>;

    HttpResponse send(const HttpRequest& request) override
    {
        requests.push_back(request);
        REQUIRE_FALSE(answers.empty());
        const Answer answer = answers.front();
        answers.pop_front();
        return answer();
    }

    std::vector<HttpRequest> requests;
    std::deque<Answer> answers;
};

inline ScriptedHttp::Answer says(int status, std::string body, Headers headers = {})
{
    return [=] { return HttpResponse{status, headers, body}; };
}

inline ScriptedHttp::Answer fails(HttpError::Outlook outlook)
{
    return [outlook]() -> HttpResponse { throw HttpError("no answer", "", outlook); };
}

} // namespace crudctl::aws::test
