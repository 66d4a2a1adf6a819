#include "pg/patience.hpp"

#include <charconv>
#include <string>

namespace crudctl::pg {

namespace {

constexpr std::chrono::seconds default_connect_timeout{10};

} // namespace

std::chrono::seconds connect_patience(const ConnInfo& info)
{
    const std::string digits = info.value("connect_timeout").value_or("");
    int seconds = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
    return seconds > 0 ? std::chrono::seconds(seconds) : default_connect_timeout;
}

} // namespace crudctl::pg
