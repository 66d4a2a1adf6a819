#include "script/place.hpp"

#include "support/text.hpp"

#include <algorithm>

namespace crudctl::script {

Place advanced(Place place, std::string_view text)
{
    const auto newlines = std::count(text.begin(), text.end(), '\n');
    place.offset += text.size();
    if (newlines > 0) {
        place.line += static_cast<std::size_t>(newlines);
        place.column = 1;
        text.remove_prefix(text.rfind('\n') + 1);
    }
    for (std::size_t at = 0; at < text.size(); at += utf8_at(text, at).length) {
        ++place.column;
    }
    return place;
}

} // namespace crudctl::script
