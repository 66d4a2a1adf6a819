#include "aws/request/http.hpp"

#include <utility>

#include <curl/curl.h>

namespace crudctl::aws {

HttpError::HttpError(const std::string& message, std::string hint, Outlook outlook)
    : Error(ExitCode::external, message, std::move(hint)), m_outlook(outlook)
{}

std::optional<std::chrono::sys_seconds> HttpResponse::date() const
{
    const auto header = headers.find("date");
    const time_t seconds =
        header == headers.end() ? -1 : curl_getdate(header->second.c_str(), nullptr);
    return seconds < 0 ? std::nullopt
                       : std::optional(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

} // namespace crudctl::aws
