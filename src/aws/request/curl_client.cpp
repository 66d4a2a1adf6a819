#include "aws/request/curl_client.hpp"

#include "aws/request/curl_session.hpp"
#include "aws/request/host.hpp"
#include "support/process/interrupt.hpp"
#include "support/system/ca_bundle.hpp"
#include "support/text/text.hpp"
#include "version.hpp"

#include <filesystem>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

/// For a whole request: a drop now and then would otherwise keep it going for ever.
constexpr std::chrono::seconds longest_transfer{30};

/// What libcurl's callbacks write into.
struct Transfer {
    HttpResponse response;
    std::size_t largest = 0;
    bool is_too_large = false;
};

template <typename Value>
void set(CURL* handle, CURLoption option, Value value)
{
    if (curl_easy_setopt(handle, option, value) != CURLE_OK) {
        throw std::runtime_error(fmt::format("libcurl does not take option {}", int{option}));
    }
}

std::size_t take_body(const char* data, std::size_t size, std::size_t count, void* target)
{
    auto& transfer = *static_cast<Transfer*>(target);
    const std::size_t bytes = size * count;
    if (transfer.response.body.size() + bytes > transfer.largest) {
        transfer.is_too_large = true;
        return 0;
    }
    transfer.response.body.append(data, bytes);
    return bytes;
}

std::size_t take_header(const char* data, std::size_t size, std::size_t count, void* target)
{
    auto& headers = static_cast<Transfer*>(target)->response.headers;
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) { // of a proxy's or an interim answer before
        headers.clear();
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        headers[lower_ascii(line.substr(0, colon))] = std::string(trimmed(line.substr(colon + 1)));
    }
    return line.size();
}

void append(HeaderList& list, const std::string& line)
{
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) {
        throw std::bad_alloc();
    }
    static_cast<void>(list.release()); // it is the longer one's front now
    list.reset(longer);
}

HeaderList header_list(const Headers& headers)
{
    HeaderList list;
    for (const auto& [name, value] : headers) {
        if (value.find_first_of("\r\n") != std::string::npos) {
            throw std::logic_error("a header of more than one line: " + name);
        }
        append(list, fmt::format("{}: {}", name, value));
    }
    append(list, "Expect:"); // nobody is asked before a body is sent
    return list;
}

HttpError failure(CURLcode code, const std::string& detail, const Transfer& transfer,
                  const HttpRequest& request)
{
    using enum HttpError::Outlook;
    const std::string host = host_of(request.url);
    if (transfer.is_too_large) {
        return {fmt::format("the answer of \"{}\" is over {}", host, size_text(transfer.largest)),
                "", final};
    }
    const std::string message = fmt::format("no whole answer from \"{}\": {}", host, detail);
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return {message, "AWS_CA_BUNDLE names a file of certificate authorities to trust", final};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return {message, "", final};
    default:
        return {message, "", may_pass};
    }
}

std::string variable(const Environment& environment, std::initializer_list<const char*> names)
{
    for (const char* name : names) {
        if (const auto value = environment.value(name)) {
            return *value;
        }
    }
    return {};
}

void set_protocols(CURL* handle)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

void set_transport(CURL* handle, const HttpOptions& options, const std::string& proxy)
{
    const auto timeout = static_cast<long>(options.timeout.count());
    set_protocols(handle);
    set(handle, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
    set(handle, CURLOPT_QUICK_EXIT, 1L); // an interrupt does not wait for the resolver
#endif
    set(handle, CURLOPT_PROXY, proxy.c_str());
    set(handle, CURLOPT_NOPROXY, variable(options.environment, {"no_proxy", "NO_PROXY"}).c_str());
    set(handle, CURLOPT_CONNECTTIMEOUT, timeout);
    const auto authorities = options.ca_bundle.empty()
                                 ? system_ca_bundle(options.environment)
                                 : std::optional<std::filesystem::path>(options.ca_bundle);
    if (authorities) {
        set(handle, CURLOPT_CAINFO, authorities->c_str());
    }
}

void set_timeout(CURL* handle, std::chrono::seconds timeout)
{
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(timeout.count()));
    set(handle, CURLOPT_TIMEOUT, static_cast<long>(longest_transfer.count()));
}

void set_request(CURL* handle, const HttpRequest& request, const HeaderList& headers)
{
    set(handle, CURLOPT_URL, request.url.c_str());
    set(handle, CURLOPT_USERAGENT, fmt::format("crudctl/{}", version).c_str());
    set(handle, CURLOPT_HTTPHEADER, headers.get());
    if (request.only_ipv4) {
        set(handle, CURLOPT_IPRESOLVE, static_cast<long>(CURL_IPRESOLVE_V4));
    }
    if (request.body) {
        set(handle, CURLOPT_POST, 1L);
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
        set(handle, CURLOPT_POSTFIELDS, request.body->data());
    }
}

void set_answer(CURL* handle, Transfer& transfer)
{
    set(handle, CURLOPT_WRITEFUNCTION, &take_body);
    set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&transfer));
    set(handle, CURLOPT_HEADERFUNCTION, &take_header);
    set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&transfer));
}

} // namespace

CurlClient::CurlClient(HttpOptions options)
    : m_options(std::move(options)), m_session(std::make_unique<CurlSession>())
{}

CurlClient::~CurlClient() = default;

HttpResponse CurlClient::send(const HttpRequest& request)
{
    interrupt::throw_if_pending();
    Transfer transfer;
    transfer.largest = request.largest_answer;
    const HeaderList headers = header_list(request.headers);
    CURL* handle = m_session->fresh();
    set_transport(handle, m_options, proxy_for(request.url));
    if (!request.waits_forever) {
        set_timeout(handle, m_options.timeout);
    }
    set_request(handle, request, headers);
    set_answer(handle, transfer);
    const CURLcode code = m_session->perform();
    if (code != CURLE_OK) {
        throw failure(code, m_session->error(code), transfer, request);
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
}

std::string CurlClient::proxy_for(const std::string& url) const
{
    if (is_local_host(host_of(url))) {
        return {};
    }
    // HTTP_PROXY does not count: a web server sets it from a request's header.
    const std::string by_scheme =
        url.starts_with("https:") ? variable(m_options.environment, {"https_proxy", "HTTPS_PROXY"})
                                  : variable(m_options.environment, {"http_proxy"});
    return by_scheme.empty() ? variable(m_options.environment, {"all_proxy", "ALL_PROXY"})
                             : by_scheme;
}

} // namespace crudctl::aws
