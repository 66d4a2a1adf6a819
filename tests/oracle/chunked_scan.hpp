#pragma once

#include "script/sql/scanner.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::tests {

/// How large the chunks are that a scanner is fed with: each of 1 to `largest` bytes, at random.
struct ChunkSizes {
    std::size_t largest = 0; // 0: all at once
    std::uint64_t seed = 0;
};

/// A whole SQL file as the scanner sees it, and what it refused.
struct ScannedText {
    struct Part {
        script::Item::Kind kind = script::Item::Kind::statement;
        std::string text;
        script::Place place;
        bool has_semicolon = false;
        bool is_copy_from_stdin = false;
        bool is_inside_statement = false;

        bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts; // COPY data is one, however many items it came as
    std::string refusal;     // "line:column message"
};

ScannedText scan(std::string_view text, const ChunkSizes& sizes,
                 script::Backslashes backslashes = script::Backslashes::literal);

/// Where the two differ first, as text; empty where they are the same.
std::string difference(const ScannedText& expected, const ScannedText& found);

} // namespace crudctl::tests
