#include "commands/lambda/zip_writer.hpp"

#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>
#include <zlib.h>

namespace crudctl {

namespace {

constexpr unsigned version_needed = 20;     // 2.0, for deflate
constexpr unsigned made_by_unix = 3U << 8U; // so that the modes count
constexpr unsigned utf8_names = 1U << 11U;
constexpr unsigned deflated = 8;
constexpr unsigned first_day = (1U << 5U) | 1U; // 1980-01-01, where a zip's time begins

std::uint32_t checked_size(std::size_t size)
{
    if (size > std::numeric_limits<std::uint32_t>::max()) {
        throw std::length_error("too large for a zip archive");
    }
    return static_cast<std::uint32_t>(size);
}

std::uint32_t checksum_of(std::string_view content)
{
    const auto* bytes = reinterpret_cast<const Bytef*>(content.data());
    return static_cast<std::uint32_t>(::crc32_z(::crc32(0, nullptr, 0), bytes, content.size()));
}

std::string deflate_raw(std::string_view content)
{
    constexpr int raw = -MAX_WBITS; // without zlib's own header
    constexpr int memory_level = 8;
    z_stream stream{};
    if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw, memory_level,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
    std::string packed(::deflateBound(&stream, content.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
    stream.avail_in = checked_size(content.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = checked_size(packed.size());
    const int outcome = ::deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (outcome != Z_STREAM_END) {
        throw std::runtime_error("zlib cannot deflate");
    }
    return packed;
}

} // namespace

void ZipWriter::add(const std::string& name, std::string_view content, mode_t mode)
{
    const std::string packed = deflate_raw(content);
    const Entry entry = {name,
                         checksum_of(content),
                         checked_size(packed.size()),
                         checked_size(content.size()),
                         checked_size(m_bytes.size()),
                         static_cast<mode_t>(S_IFREG | (mode & 0777U))};
    put_local_header(entry);
    m_bytes += packed;
    m_entries.push_back(entry);
}

std::string ZipWriter::finish()
{
    const std::uint32_t directory = checked_size(m_bytes.size());
    for (const Entry& entry : m_entries) {
        put_central_header(entry);
    }
    const std::uint32_t end = checked_size(m_bytes.size());
    const auto count = static_cast<unsigned>(m_entries.size());
    put32(0x06054b50);
    put16(0); // this disk
    put16(0);
    put16(count);
    put16(count);
    put32(end - directory);
    put32(directory);
    put16(0); // no comment
    return std::move(m_bytes);
}

void ZipWriter::put_local_header(const Entry& entry)
{
    put32(0x04034b50);
    put_facts(entry);
    m_bytes += entry.name;
}

void ZipWriter::put_facts(const Entry& entry)
{
    put16(version_needed);
    put16(utf8_names);
    put16(deflated);
    put16(0);
    put16(first_day);
    put32(entry.checksum);
    put32(entry.packed_size);
    put32(entry.size);
    put16(static_cast<unsigned>(entry.name.size()));
    put16(0); // no extra field
}

void ZipWriter::put_central_header(const Entry& entry)
{
    put32(0x02014b50);
    put16(made_by_unix | version_needed);
    put_facts(entry);
    put16(0); // no comment
    put16(0); // the first disk
    put16(0);
    put32(static_cast<std::uint32_t>(entry.mode) << 16U);
    put32(entry.offset);
    m_bytes += entry.name;
}

void ZipWriter::put16(unsigned value)
{
    m_bytes += static_cast<char>(value & 0xFFU);
    m_bytes += static_cast<char>((value >> 8U) & 0xFFU);
}

void ZipWriter::put32(std::uint32_t value)
{
    put16(value & 0xFFFFU);
    put16(value >> 16U);
}

} // namespace crudctl
