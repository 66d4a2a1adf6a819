#include "aws/query_api.hpp"

#include "aws/error_code.hpp"
#include "aws/host.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <pugixml.hpp>

namespace crudctl::aws {

namespace {

constexpr std::chrono::seconds tolerated_clock_error{240};
constexpr std::chrono::seconds longest_pause{20};

std::string what_of(const std::string& what, const ServiceError::Answer& answer)
{
    std::string text = fmt::format("{} failed: ", what);
    if (answer.code.empty()) {
        text += fmt::format("HTTP {}, and no answer that AWS would give", answer.status);
    } else {
        text += fmt::format("{}: {}", answer.code, answer.message);
    }
    return answer.request_id.empty() ? text
                                     : fmt::format("{} (request {})", text, answer.request_id);
}

std::string hint_of(const ServiceError::Answer& answer)
{
    return answer.code.empty() ? "something between here and AWS may have answered: a proxy, a "
                                 "log-in page"
                               : hint_for(answer.code);
}

/// A throttle is there to be waited for; an unknown 503 is nobody's word.
ExitCode exit_code_of(const ServiceError::Answer& answer)
{
    return is_throttling(answer.code) ? ExitCode::busy : ExitCode::external;
}

std::string clock_text(std::chrono::seconds error)
{
    return fmt::format("this machine's clock is {} {} AWS's; signing with theirs",
                       duration_text(static_cast<double>(std::chrono::abs(error).count())),
                       error.count() > 0 ? "behind" : "ahead of");
}

} // namespace

ServiceError::ServiceError(const std::string& what, Answer answer)
    : Error(exit_code_of(answer), what_of(what, answer), hint_of(answer)),
      m_answer(std::move(answer))
{}

QueryApi::QueryApi(HttpClient& http, Service service, Manners manners)
    : m_http(http), m_service(std::move(service)), m_manners(std::move(manners))
{}

std::shared_ptr<pugi::xml_document> QueryApi::call(const std::string& action,
                                                   const Parameters& parameters)
{
    Parameters all = {{"Action", action}, {"Version", m_service.version}};
    all.insert(all.end(), parameters.begin(), parameters.end());
    const std::string body = form_text(all);
    for (int attempt = 1;; ++attempt) {
        const bool is_last = attempt >= m_manners.attempts;
        try {
            const HttpResponse response = try_once(action, body);
            auto document = std::make_shared<pugi::xml_document>();
            const auto parsed = document->load_buffer(response.body.data(), response.body.size());
            if (parsed && document->document_element().name() == action + "Response") {
                return document;
            }
            if (is_last) {
                throw ServiceError(fmt::format("{} {}", m_service.name, action),
                                   {{}, {}, {}, response.status, {}});
            }
            pause(attempt, "an answer that cannot be read");
        } catch (const ServiceError& error) {
            if (corrects_clock(error)) {
                continue;
            }
            if (is_last || !is_transient(error.service_code(), error.answer().status)) {
                throw;
            }
            pause(attempt, error.what());
        } catch (const HttpError& error) {
            if (is_last || !error.may_pass()) {
                throw;
            }
            pause(attempt, error.what());
        }
    }
}

HttpResponse QueryApi::try_once(const std::string& action, const std::string& body)
{
    HttpResponse response = send(body);
    if (response.status != 200) {
        throw ServiceError(fmt::format("{} {}", m_service.name, action), error_answer(response));
    }
    return response;
}

HttpResponse QueryApi::send(const std::string& body)
{
    HttpRequest request;
    request.url = m_service.endpoint.url + "/";
    request.headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8";
    request.body = body;
    if (m_service.credentials) {
        const auto now =
            std::chrono::floor<std::chrono::seconds>(m_manners.pacing.now()) + m_clock_error;
        request.headers.merge(signature_headers({m_service.endpoint.host, request.headers, body},
                                                {m_service.name, m_service.region, now},
                                                *m_service.credentials));
    }
    return m_http.send(request);
}

bool QueryApi::corrects_clock(const ServiceError& error)
{
    if (m_has_corrected_clock || !error.answer().date ||
        !is_about_the_clock(error.service_code())) {
        return false;
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(m_manners.pacing.now());
    const std::chrono::seconds difference = *error.answer().date - now;
    if (std::chrono::abs(difference) < tolerated_clock_error) {
        return false;
    }
    m_has_corrected_clock = true;
    m_clock_error = difference;
    m_manners.tell(clock_text(difference));
    return true;
}

void QueryApi::pause(int attempt, const std::string& why) const
{
    const double longest =
        std::min<double>(std::pow(2.0, attempt - 1), static_cast<double>(longest_pause.count()));
    m_manners.tell(fmt::format("{}; trying again", why));
    m_manners.pacing.sleep(
        std::chrono::milliseconds(static_cast<long>(1000 * longest * m_manners.pacing.random())));
}

std::string form_text(const Parameters& parameters)
{
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += fmt::format("{}{}=", text.empty() ? "" : "&", percent_encoded(name));
        for (const char c : value) {
            text += c == ' ' ? "+" : percent_encoded({&c, 1});
        }
    }
    return text;
}

} // namespace crudctl::aws
