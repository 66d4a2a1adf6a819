#pragma once

#include "aws/request/http.hpp"
#include "support/process/environment.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace crudctl::aws {

class CurlSession;

/// How a CurlClient goes about it.
struct HttpOptions {
    Environment environment; // https_proxy, no_proxy …, SSL_CERT_FILE
    std::string ca_bundle;   // a file of certificate authorities; empty: system_ca_bundle()'s
    /// For a connection to stand, and for a byte to come.
    std::chrono::seconds timeout{5};
};

/// Through libcurl, which keeps connections open between requests. Proxies count, but not for
/// loopback and link-local addresses, where credentials are asked for.
class CurlClient : public HttpClient {
public:
    explicit CurlClient(HttpOptions options);
    ~CurlClient() override;
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;

    HttpResponse send(const HttpRequest& request) override;

    /// The proxy that requests to this URL go through; empty where they don't.
    std::string proxy_for(const std::string& url) const;

private:
    HttpOptions m_options;
    std::unique_ptr<CurlSession> m_session;
};

} // namespace crudctl::aws
