#include "support/input.hpp"

#include "support/error.hpp"
#include "support/file.hpp"
#include "support/interrupt.hpp"
#include "support/text.hpp"

#include <array>
#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace crudctl {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;

/// A read would go on after a signal: this waits for both.
void wait_for(int descriptor)
{
    std::array<pollfd, 2> waits = {pollfd{descriptor, POLLIN, 0},
                                   pollfd{interrupt::descriptor(), POLLIN, 0}};
    while (waits[0].revents == 0) {
        ::poll(waits.data(), waits.size(), -1);
        interrupt::throw_if_pending();
    }
}

} // namespace

std::string read_to_end(int descriptor, std::size_t max_bytes)
{
    std::string text;
    std::vector<char> chunk(chunk_bytes);
    for (;;) {
        wait_for(descriptor);
        const ssize_t size = ::read(descriptor, chunk.data(), chunk.size());
        if (size < 0 && errno != EINTR) {
            throw Error(ExitCode::configuration,
                        "cannot read standard input: " + error_text(errno));
        }
        if (size == 0) {
            return text;
        }
        text.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        if (text.size() > max_bytes) {
            throw Error(ExitCode::configuration,
                        fmt::format("standard input has more than {}", size_text(max_bytes)));
        }
    }
}

} // namespace crudctl
