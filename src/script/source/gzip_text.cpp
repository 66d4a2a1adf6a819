#include "script/source/gzip_text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

namespace crudctl::script {

namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10U;
// What an error's excerpt goes back at most, from what was read last.
constexpr std::size_t kept_bytes = std::size_t{256} << 10U;
constexpr int gzip_alone = 15 + 16; // the largest window; no zlib or raw data
constexpr Bytef first_magic = 0x1F;
constexpr Bytef second_magic = 0x8B;
constexpr const char* repair = "make it anew from what it was made of; gzip -t tests it";

} // namespace

void GzipText::Closer::operator()(z_stream_s* stream) const noexcept
{
    inflateEnd(stream);
    delete stream;
}

GzipText::GzipText(SharedSource source)
    : m_source(std::move(source)), m_stream(new z_stream_s()), m_packed(piece_bytes)
{
    if (inflateInit2(m_stream.get(), gzip_alone) != Z_OK) {
        throw Error(ExitCode::failed, "zlib cannot be used: out of memory, or another version");
    }
    begin_anew();
}

std::size_t GzipText::read_at(std::size_t offset, std::span<char> buffer)
{
    if (offset < m_text_begin) {
        begin_anew();
    }
    std::size_t copied = 0;
    for (;;) {
        const std::size_t end = m_text_begin + m_text.size();
        if (offset + copied < end) {
            const std::size_t size = std::min(buffer.size() - copied, end - offset - copied);
            const char* const from = m_text.data() + (offset + copied - m_text_begin);
            std::copy_n(from, size, buffer.data() + copied);
            copied += size;
        }
        if (copied == buffer.size() || m_is_done) {
            return copied;
        }
        unpack_more();
    }
}

std::size_t GzipText::unpacked_bytes() const noexcept
{
    return m_packed_end - m_stream->avail_in;
}

void GzipText::begin_anew()
{
    m_stream->avail_in = 0;
    m_packed_end = 0;
    m_text.clear();
    m_text_begin = 0;
    m_line = 1;
    m_is_inside = false;
    m_is_done = false;
    begin_member();
}

/// At the end of the file nothing begins. Some pad it with zeros, for tapes.
void GzipText::begin_member()
{
    const bool is_first = m_packed_end == 0;
    read_packed();
    while (!is_first && m_stream->avail_in > 0 && *m_stream->next_in == 0) {
        ++m_stream->next_in;
        --m_stream->avail_in;
        read_packed();
    }
    if (m_stream->avail_in == 0) {
        m_is_done = true;
        return;
    }
    const bool is_gzip = *m_stream->next_in == first_magic &&
                         (m_stream->avail_in == 1 || m_stream->next_in[1] == second_magic);
    if (!is_gzip && is_first) {
        refuse("this is no gzip file", "one that is not compressed has no .gz in its name");
    }
    if (!is_gzip) {
        refuse(fmt::format("behind the gzip data, from byte {} on, stands something else",
                           unpacked_bytes()),
               repair);
    }
    inflateReset(m_stream.get());
    m_is_inside = true;
}

void GzipText::unpack_more()
{
    if (!m_is_inside) {
        begin_member();
        return;
    }
    drop_old_text();
    read_packed();
    if (m_stream->avail_in == 0) {
        refuse(fmt::format("the file is cut off: its gzip data end in line {} of the text", m_line),
               repair);
    }
    const std::size_t before = m_text.size();
    m_text.resize(before + piece_bytes);
    m_stream->next_out = reinterpret_cast<Bytef*>(m_text.data() + before);
    m_stream->avail_out = piece_bytes;
    const int outcome = inflate(m_stream.get(), Z_NO_FLUSH);
    m_text.resize(m_text.size() - m_stream->avail_out);
    m_line += static_cast<std::size_t>(
        std::count(m_text.begin() + static_cast<std::ptrdiff_t>(before), m_text.end(), '\n'));
    if (outcome == Z_STREAM_END) {
        m_is_inside = false; // its checksum was right
    } else if (outcome != Z_OK) {
        refuse_damaged(m_stream->msg);
    }
}

/// Where all of it was taken.
void GzipText::read_packed()
{
    if (m_stream->avail_in > 0) {
        return;
    }
    m_stream->avail_in = static_cast<uInt>(m_source->look(m_packed_end, m_packed));
    m_stream->next_in = reinterpret_cast<Bytef*>(m_packed.data());
    m_packed_end += m_stream->avail_in;
}

void GzipText::drop_old_text()
{
    if (m_text.size() >= 2 * kept_bytes) {
        const std::size_t dropped = m_text.size() - kept_bytes;
        m_text.erase(m_text.begin(), m_text.begin() + static_cast<std::ptrdiff_t>(dropped));
        m_text_begin += dropped;
    }
}

void GzipText::refuse(std::string message, std::string hint) const
{
    m_source->require_unchanged(); // otherwise that is what is wrong
    ScriptFailure failure;
    failure.file = m_source->shown();
    failure.place.line = 0;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    throw ScriptError(ExitCode::failed, std::move(failure));
}

void GzipText::refuse_damaged(const char* reason) const
{
    refuse(fmt::format("the gzip data are damaged, in line {} of the text or before: {}", m_line,
                       reason == nullptr ? "they end too early" : reason),
           repair);
}

} // namespace crudctl::script
