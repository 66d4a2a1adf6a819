#pragma once

#include <array>
#include <memory>
#include <string>

#include <curl/curl.h>

namespace crudctl::aws {

struct EasyCloser {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct MultiCloser {
    void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};
struct ListCloser {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

/// libcurl's handles for one transfer after another, with the connections that stay open between
/// them.
class CurlSession {
public:
    /// Throws std::runtime_error where libcurl cannot be initialised.
    CurlSession();

    /// The handle for the next transfer, with nothing set; its error texts are kept here.
    CURL* fresh();

    /// Runs the transfer that the handle is set up for. Throws Error as soon as a signal comes.
    CURLcode perform();
    /// What went wrong, in libcurl's words.
    std::string error(CURLcode code) const;

private:
    void wait();
    CURLcode result();

    std::array<char, CURL_ERROR_SIZE> m_error{};
    std::unique_ptr<CURL, EasyCloser> m_easy;
    std::unique_ptr<CURLM, MultiCloser> m_multi;
};

} // namespace crudctl::aws
