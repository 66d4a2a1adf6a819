#include "support/gzip.hpp"

#include <stdexcept>

#include <zlib.h>

namespace crudctl::tests {

std::string gzipped(std::string_view text)
{
    constexpr int gzip_format = 15 + 16;
    constexpr int default_memory = 8;
    z_stream stream{};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_format, default_memory,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::runtime_error("zlib cannot compress");
    }
    std::string plain(text);
    std::string packed(deflateBound(&stream, plain.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(plain.data());
    stream.avail_in = static_cast<uInt>(plain.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool is_whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (!is_whole) {
        throw std::runtime_error("zlib did not compress all of it");
    }
    return packed;
}

} // namespace crudctl::tests
