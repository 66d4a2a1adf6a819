#include "script/sql/source_map.hpp"

#include <algorithm>

namespace crudctl::script {

std::size_t source_distance(std::span<const Expansion> expansions, std::size_t at)
{
    std::size_t distance = at;
    for (const Expansion& expansion : expansions) {
        const std::size_t end = expansion.begin + expansion.size;
        if (at >= end) {
            distance = distance + expansion.source_size - expansion.size;
        } else if (at > expansion.begin) {
            distance -= at - expansion.begin;
        }
    }
    return distance;
}

Place SourceMap::place_at(std::string_view buffer, std::size_t at)
{
    if (at < m_at) {
        m_place = m_first;
        m_at = 0;
    }
    for (const Range& range : m_replaced) {
        if (range.begin < m_at || range.begin > at) {
            continue;
        }
        m_place = advanced(m_place, buffer.substr(m_at, range.begin - m_at));
        m_at = range.begin;
        if (at < range.end) {
            return m_place;
        }
        m_place = advanced(m_place, range.text);
        m_at = range.end;
    }
    m_place = advanced(m_place, buffer.substr(m_at, at - m_at));
    m_at = at;
    return m_place;
}

void SourceMap::replace(std::size_t at, std::string_view name, std::string_view source,
                        std::size_t size)
{
    const auto grow = [&](Range& range) {
        const bool contains = range.begin <= at && at < range.end;
        range.end += contains ? size - source.size() : 0; // wraps around where it shrinks
        return contains;
    };
    bool is_nested = false;
    for (Range& range : m_replaced) {
        is_nested = grow(range) || is_nested;
    }
    for (Range& value : m_values) {
        grow(value);
    }
    if (!is_nested) {
        m_replaced.push_back({at, at + size, std::string(source)});
    }
    m_values.push_back({at, at + size, std::string(name)});
}

bool SourceMap::is_inside_value_of(std::string_view name, std::size_t at) const
{
    return std::any_of(m_values.begin(), m_values.end(), [&](const Range& value) {
        return value.text == name && value.begin <= at && at < value.end;
    });
}

std::vector<Expansion> SourceMap::expansions(std::size_t begin, std::size_t end) const
{
    std::vector<Expansion> found;
    for (const Range& range : m_replaced) {
        if (range.begin >= end || range.end < begin) {
            continue;
        }
        const std::size_t from = std::max(range.begin, begin);
        const std::size_t to = std::min(range.end, end);
        found.push_back({from - begin, to - from, range.end <= end ? range.text.size() : 0});
    }
    return found;
}

void SourceMap::drop(std::string_view buffer, std::size_t count)
{
    m_first = place_at(buffer, count);
    m_place = m_first;
    m_at = 0;
    for (std::vector<Range>* ranges : {&m_replaced, &m_values}) {
        std::erase_if(*ranges, [&](const Range& range) {
            // One that ends at `count` is behind us, and one without a value there as well.
            return range.end <= count && range.begin < count;
        });
        for (Range& range : *ranges) {
            range.begin -= std::min(range.begin, count);
            range.end -= count;
        }
    }
}

void SourceMap::skip(std::size_t count)
{
    m_first.offset += count;
    m_place = m_first;
}

} // namespace crudctl::script
