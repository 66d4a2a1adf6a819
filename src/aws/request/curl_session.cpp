#include "aws/request/curl_session.hpp"

#include "support/process/interrupt.hpp"

#include <new>
#include <stdexcept>

namespace crudctl::aws {

namespace {

constexpr int poll_milliseconds = 1000;

/// A transfer's place in the multi handle, left again whatever happens.
class Attachment {
public:
    Attachment(CURLM* multi, CURL* easy) : m_multi(multi), m_easy(easy)
    {
        curl_multi_add_handle(m_multi, m_easy);
    }
    ~Attachment() { curl_multi_remove_handle(m_multi, m_easy); }
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

private:
    CURLM* m_multi;
    CURL* m_easy;
};

void initialise_once()
{
    static const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK) {
        throw std::runtime_error("libcurl cannot be initialised");
    }
}

} // namespace

CurlSession::CurlSession()
{
    initialise_once();
    m_easy.reset(curl_easy_init());
    m_multi.reset(curl_multi_init());
    if (!m_easy || !m_multi) {
        throw std::bad_alloc();
    }
}

CURL* CurlSession::fresh()
{
    curl_easy_reset(m_easy.get());
    m_error.front() = '\0';
    curl_easy_setopt(m_easy.get(), CURLOPT_ERRORBUFFER, m_error.data());
    return m_easy.get();
}

std::string CurlSession::error(CURLcode code) const
{
    return m_error.front() == '\0' ? curl_easy_strerror(code) : m_error.data();
}

CURLcode CurlSession::perform()
{
    const Attachment attachment(m_multi.get(), m_easy.get());
    for (;;) {
        int running = 0;
        if (curl_multi_perform(m_multi.get(), &running) != CURLM_OK) {
            return CURLE_FAILED_INIT;
        }
        if (running == 0) {
            return result();
        }
        wait();
    }
}

void CurlSession::wait()
{
    curl_waitfd signals{interrupt::descriptor(), CURL_WAIT_POLLIN, 0};
    const unsigned extra = signals.fd >= 0 ? 1 : 0;
    curl_multi_poll(m_multi.get(), &signals, extra, poll_milliseconds, nullptr);
    interrupt::throw_if_pending();
}

CURLcode CurlSession::result()
{
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(m_multi.get(), &left);
    return message == nullptr ? CURLE_FAILED_INIT : message->data.result;
}

} // namespace crudctl::aws
