#include "support/user.hpp"

#include <array>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

namespace crudctl {

std::string user_name()
{
    const passwd* entry = ::getpwuid(::geteuid());
    return entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::geteuid());
}

std::string host_name()
{
    std::array<char, 256> name{}; // the last one stays zero, whatever is cut
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

} // namespace crudctl
