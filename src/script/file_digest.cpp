#include "script/file_digest.hpp"

#include "support/interrupt.hpp"

#include <cstddef>

namespace crudctl::script {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{128} << 10U;

// Hashing is half of what it takes to read a file of rows through, and can be done beside the rest.
// From so many bytes on that is worth a thread's beginning.
constexpr std::size_t aside_bytes = std::size_t{512} << 10U;

} // namespace

void FileDigest::open()
{
    hash_rest();
    m_open.emplace_back();
}

void FileDigest::feed(std::string_view bytes)
{
    m_waiting += bytes;
    if (m_waiting.size() >= aside_bytes) {
        hash_aside();
    }
}

void FileDigest::hash_aside()
{
    if (m_hashing.valid()) {
        m_hashing.get();
    }
    m_hashed.swap(m_waiting);
    m_waiting.clear();
    m_hashing = std::async([this] { m_open.back().update(m_hashed); });
}

void FileDigest::hash_rest()
{
    if (m_hashing.valid()) {
        m_hashing.get();
    }
    if (!m_open.empty()) {
        m_open.back().update(m_waiting);
    }
    m_waiting.clear();
}

void FileDigest::close()
{
    hash_rest();
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
