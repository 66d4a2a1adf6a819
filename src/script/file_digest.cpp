#include "script/file_digest.hpp"

#include "support/interrupt.hpp"

#include <cstddef>

namespace crudctl::script {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{128} << 10U;

} // namespace

void FileDigest::close()
{
    m_whole.update("file " + m_open.back().hex());
    m_open.pop_back();
}

void FileDigest::take_expanded(std::string_view statement)
{
    m_whole.update("statement " + sha256_hex(statement));
}

std::string digest_of(const SourceFile& source)
{
    FileDigest digest;
    digest.open();
    std::string chunk;
    std::size_t offset = 0;
    do {
        interrupt::throw_if_pending(); // gigabytes may take a while
        source.read(offset, chunk_bytes, chunk);
        digest.feed(chunk);
        offset += chunk.size();
    } while (!chunk.empty());
    digest.close();
    return digest.hex();
}

} // namespace crudctl::script
