#pragma once

#include "script/sql/position.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A part of a statement that stands for a reference to a variable.
struct Expansion {
    std::size_t begin = 0;       // in the statement's text
    std::size_t size = 0;        // there
    std::size_t source_size = 0; // in the file
};

/// How far behind the statement's first byte the file has what is at the byte `at` of its text.
std::size_t source_distance(std::span<const Expansion> expansions, std::size_t at);

/// Finds the places in a file of what is in a scanner's buffer: a part of that file, in which
/// references to variables were replaced by their values.
class SourceMap {
public:
    /// Positions are asked for in rising order as a rule; going back costs a new count.
    Place place_at(std::string_view buffer, std::size_t at);

    /// The reference `source` at `at` was replaced by `size` bytes, to be read next.
    void replace(std::size_t at, std::string_view name, std::string_view source, std::size_t size);
    /// Whether what is at `at` comes from the value of this variable: it is not replaced again.
    bool is_inside_value_of(std::string_view name, std::size_t at) const;
    /// What was replaced between the two.
    std::vector<Expansion> expansions(std::size_t begin, std::size_t end) const;

    /// The buffer's first `count` bytes are taken away.
    void drop(std::string_view buffer, std::size_t count);
    /// Nothing was taken away yet.
    bool begins_file() const noexcept { return m_first.offset == 0; }
    /// The file's first `count` bytes are no part of any line.
    void skip(std::size_t count);

private:
    struct Range {
        std::size_t begin = 0; // in the buffer
        std::size_t end = 0;
        std::string text; // the name, or the reference itself
    };

    Place m_first; // of the buffer's first byte
    Place m_place; // the last one asked for
    std::size_t m_at = 0;
    std::vector<Range> m_replaced; // the outermost ones, with their sources
    std::vector<Range> m_values;   // all, with their names
};

} // namespace crudctl::script
