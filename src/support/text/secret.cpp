#include "support/text/secret.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <sys/resource.h>

namespace crudctl {

namespace {

constexpr std::size_t shortest_masked = 4;

bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

} // namespace

Secret::Secret(std::string value) : m_value(std::move(value)) {}

void SecretFilter::add(const Secret& secret)
{
    const std::string& plain = secret.reveal();
    if (plain.size() < shortest_masked) {
        return;
    }
    for (std::string form : {plain, percent_encoded(plain)}) {
        if (std::find(m_forms.begin(), m_forms.end(), form) == m_forms.end()) {
            m_forms.push_back(std::move(form));
        }
    }
    std::sort(m_forms.begin(), m_forms.end(),
              [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string SecretFilter::masked(std::string_view text) const
{
    std::string result(text);
    for (const std::string& form : m_forms) {
        for (auto at = result.find(form); at != std::string::npos; at = result.find(form, at + 3)) {
            result.replace(at, form.size(), "***");
        }
    }
    return result;
}

std::string percent_encoded(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c)) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

void forbid_core_files() noexcept
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &limit);
    }
}

} // namespace crudctl
