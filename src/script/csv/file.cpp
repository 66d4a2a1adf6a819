#include "script/csv/file.hpp"

#include "script/source/source_excerpt.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t csv_chunk_bytes = std::size_t{64} << 10U;
constexpr std::size_t csv_excerpt_columns = 100;
constexpr std::string_view csv_byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view end_marker = "\\.";
constexpr std::string_view quoted_end_marker = "\"\\.\"";

bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

bool has_odd_quotes(std::string_view text)
{
    return std::count(text.begin(), text.end(), '"') % 2 == 1;
}

constexpr std::string_view gzip_ending = ".csv.gz";
constexpr std::array<std::string_view, 2> endings = {gzip_ending, ".csv"};

} // namespace

CsvFile::CsvFile(SharedSource source) : m_source(std::move(source))
{
    if (has_gzip_name(path())) {
        m_unpacked = std::make_shared<GzipText>(m_source);
    }
    m_begin =
        text(0, csv_byte_order_mark.size()) == csv_byte_order_mark ? csv_byte_order_mark.size() : 0;
}

std::string_view CsvFile::read(std::size_t offset, std::span<char> buffer) const
{
    return {buffer.data(),
            m_unpacked ? m_unpacked->read_at(offset, buffer) : m_source->look(offset, buffer)};
}

std::string CsvFile::text(std::size_t offset, std::size_t size) const
{
    std::string text(size, '\0');
    text.resize(read(offset, text).size());
    return text;
}

std::size_t CsvFile::file_bytes(std::size_t offset) const
{
    return std::min(m_unpacked ? m_unpacked->unpacked_bytes() : offset, size());
}

std::vector<std::string> CsvFile::excerpt(const Place& place, std::size_t columns) const
{
    return source_excerpt(
        [this](std::size_t offset, std::span<char> buffer) { return read(offset, buffer).size(); },
        place, columns);
}

ScriptError CsvFile::error(const Place& place, std::string message, std::string hint,
                           std::string state) const
{
    ScriptFailure failure;
    failure.file = shown();
    failure.place = place;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    if (size() > 0 && place.line > 0) {
        failure.source = excerpt(place, csv_excerpt_columns);
    }
    failure.state = std::move(state);
    return {ExitCode::failed, std::move(failure)};
}

CsvChunks::CsvChunks(const CsvFile& file)
    : m_file(file), m_buffer(csv_chunk_bytes), m_offset(file.begin().offset)
{}

std::string_view CsvChunks::next()
{
    if (std::exchange(m_is_at_marker, false)) {
        take(end_marker.size());
        return quoted_end_marker;
    }
    if (m_pending.size() <= end_marker.size()) {
        m_pending = m_file.read(m_offset, m_buffer);
        m_is_last = m_pending.size() < m_buffer.size();
        m_file_bytes = m_file.file_bytes(m_offset + m_pending.size());
    }
    bool is_inside = m_is_inside;
    std::size_t counted = 0; // up to where is_inside is known
    for (std::size_t at = m_pending.find('\\'); at != std::string_view::npos;
         at = m_pending.find('\\', at + 1)) {
        if (at == 0 ? !m_is_line_start : !ends_line(m_pending[at - 1])) {
            continue;
        }
        const std::string_view rest = m_pending.substr(at);
        if (rest.size() <= end_marker.size() && !m_is_last && at > 0) {
            return take(at); // the next chunk has the rest of it
        }
        const bool is_marker = rest.starts_with(end_marker) &&
                               (rest.size() == end_marker.size() || ends_line(rest[2]));
        if (!is_marker) {
            continue;
        }
        is_inside = is_inside != has_odd_quotes(m_pending.substr(counted, at - counted));
        counted = at;
        if (!is_inside) {
            m_is_at_marker = true;
            return at == 0 ? next() : take(at);
        }
    }
    return take(m_pending.size());
}

std::string_view CsvChunks::take(std::size_t size)
{
    const std::string_view data = m_pending.substr(0, size);
    m_pending.remove_prefix(size);
    if (!data.empty()) {
        m_offset += size;
        m_is_line_start = ends_line(data.back());
        m_is_inside = m_is_inside != has_odd_quotes(data);
    }
    return data;
}

std::string csv_ending(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    for (const std::string_view ending : endings) {
        if (name.size() > ending.size() &&
            equal_ignoring_case(name.substr(name.size() - ending.size()), ending)) {
            return name.substr(name.size() - ending.size());
        }
    }
    return {};
}

bool has_csv_name(const std::filesystem::path& path)
{
    return !csv_ending(path).empty();
}

bool has_gzip_name(const std::filesystem::path& path)
{
    return csv_ending(path).size() == gzip_ending.size();
}

} // namespace crudctl::script
