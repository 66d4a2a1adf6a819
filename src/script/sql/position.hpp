#pragma once

#include <cstddef>
#include <string_view>

namespace crudctl::script {

/// What the server counts as one character when it says where in a query an error is.
enum class PositionUnit { utf8_character, byte };

/// By the session's client_encoding and server_encoding, as the server reports them: a SQL_ASCII
/// server counts bytes, and so it comes out for single-byte encodings.
PositionUnit position_unit(std::string_view client_encoding, std::string_view server_encoding);

/// The byte of `query` at the server's 1-based position; at most query.size().
std::size_t byte_of_position(std::string_view query, std::size_t position, PositionUnit unit);

/// The first byte that is not UTF-8; query.size() where all of it is.
std::size_t first_invalid_byte(std::string_view query);

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
