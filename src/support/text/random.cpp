#include "support/text/random.hpp"

#include "support/error.hpp"
#include "support/system/file.hpp"

#include <array>
#include <cerrno>
#include <string_view>

#include <sys/random.h>
#include <unistd.h>

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
        std::array<unsigned char, 64> bytes{};
        if (::getentropy(bytes.data(), bytes.size()) != 0) {
            throw Error(ExitCode::failed, "cannot get random bytes: " + error_text(errno));
        }
        for (const unsigned char byte : bytes) {
            if (byte < usable && token.size() < length) {
                token += alphabet[byte % alphabet.size()];
            }
        }
    }
    return token;
}

} // namespace crudctl
