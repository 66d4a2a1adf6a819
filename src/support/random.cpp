#include "support/random.hpp"

#include "support/error.hpp"
#include "support/file.hpp"

#include <cerrno>
#include <string_view>

#include <sys/random.h>

namespace crudctl {

std::string random_token(std::size_t length)
{
    // 64 characters would need '-' and '_'; with 62, bytes from 248 on are thrown away instead, so
    // that each character stays equally likely.
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    constexpr unsigned usable = 256U / alphabet.size() * alphabet.size();
    std::string token;
    while (token.size() < length) {
        unsigned char byte = 0;
        if (::getrandom(&byte, 1, 0) != 1) {
            if (errno == EINTR) {
                continue;
            }
            throw Error(ExitCode::failed, "cannot get random bytes: " + error_text(errno));
        }
        if (byte < usable) {
            token += alphabet[byte % alphabet.size()];
        }
    }
    return token;
}

} // namespace crudctl
