#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace crudctl::script {

/// What can be said of the next bytes behind COPY … FROM STDIN.
struct CopyCut {
    std::size_t data_end = 0;            // up to here they are data
    std::optional<std::size_t> mark_end; // the line `\.` lies between data_end and here
    bool is_inside_line = false;         // the data seen so far does not end with a newline
};

/// Looks for the line `\.` that ends the data, in whatever form the data is: so does psql. Bytes
/// that may turn out to be its beginning are not counted as data yet, unless is_last.
CopyCut cut_copy_data(std::string_view text, bool is_inside_line, bool is_last);

} // namespace crudctl::script
