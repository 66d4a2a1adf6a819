#pragma once

#include <cstddef>
#include <string_view>

namespace crudctl::script {

/// A place in a file: the byte, and the line and column that an editor shows (both from 1; the
/// column counts characters, an invalid byte as one).
struct Place {
    std::size_t offset = 0;
    std::size_t line = 1;
    std::size_t column = 1;

    bool operator==(const Place&) const = default;
};

/// The place that lies `text` further on.
Place advanced(Place place, std::string_view text);

} // namespace crudctl::script
