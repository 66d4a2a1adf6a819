#include "script/source/source_file.hpp"

#include "script/source/source_excerpt.hpp"
#include "support/error.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t window_bytes = std::size_t{64} << 10U;
constexpr std::size_t longest_character = 4;

bool is_inside_character(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

} // namespace

ScriptFile ScriptFile::below(const std::filesystem::path& root, const std::filesystem::path& path)
{
    const auto relative = path.lexically_relative(root);
    const bool is_below = !relative.empty() && *relative.begin() != "..";
    return {path, (is_below ? relative : path).string(), false};
}

SourceFile::SourceFile(ScriptFile file) : m_file(std::move(file)), m_input(m_file.path) {}

SourceFile::SourceFile(ScriptFile file, InputFile input)
    : m_file(std::move(file)), m_input(std::move(input))
{}

void SourceFile::read(std::size_t offset, std::size_t size, std::string& chunk) const
{
    chunk.resize(size);
    chunk.resize(read(offset, chunk));
}

std::size_t SourceFile::read(std::size_t offset, std::span<char> buffer) const
{
    const std::size_t size = m_input.read_at(offset, buffer);
    require_unchanged();
    return size;
}

void SourceFile::require_unchanged() const
{
    if (m_input.has_changed()) {
        throw Error(ExitCode::configuration,
                    fmt::format("\"{}\" was changed while it was being read", m_file.shown));
    }
}

Place SourceFile::place_at(const Place& from, std::size_t offset) const
{
    Place place = from;
    std::string chunk(window_bytes + longest_character, '\0');
    while (place.offset < offset) {
        const std::size_t size = m_input.read_at(place.offset, chunk);
        if (size == 0) {
            break; // somebody shortened it
        }
        std::size_t end = std::min({offset - place.offset, window_bytes, size});
        while (end < size && place.offset + end < offset && is_inside_character(chunk[end])) {
            ++end;
        }
        place = advanced(place, std::string_view(chunk).substr(0, end));
    }
    return place;
}

Place SourceFile::place_of_line(const Place& from, std::size_t lines) const
{
    Place place = from;
    std::string chunk(window_bytes, '\0');
    std::size_t at = from.offset;
    while (lines > 0) {
        const std::size_t size = m_input.read_at(at, chunk);
        const std::string_view text = std::string_view(chunk).substr(0, size);
        std::size_t newline = text.find('\n');
        for (; lines > 0 && newline != std::string_view::npos && at + newline + 1 < this->size();
             newline = text.find('\n', newline + 1)) {
            place = {at + newline + 1, place.line + 1, 1};
            --lines;
        }
        at += size;
        if (size < chunk.size()) {
            break;
        }
    }
    return place;
}

std::vector<std::string> SourceFile::excerpt(const Place& place, std::size_t columns) const
{
    return source_excerpt(
        [this](std::size_t offset, std::span<char> buffer) { return look(offset, buffer); }, place,
        columns);
}

} // namespace crudctl::script
