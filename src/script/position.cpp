#include "script/position.hpp"

#include "support/text.hpp"

#include <algorithm>

namespace crudctl::script {

PositionUnit position_unit(std::string_view client_encoding, std::string_view server_encoding)
{
    return client_encoding == "UTF8" && server_encoding != "SQL_ASCII"
               ? PositionUnit::utf8_character
               : PositionUnit::byte;
}

std::size_t byte_of_position(std::string_view query, std::size_t position, PositionUnit unit)
{
    const std::size_t before = position == 0 ? 0 : position - 1;
    if (unit == PositionUnit::byte) {
        return std::min(before, query.size());
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < before && at < query.size(); ++i) {
        at += utf8_at(query, at).length;
    }
    return at;
}

std::size_t first_invalid_byte(std::string_view query)
{
    std::size_t at = 0;
    while (at < query.size()) {
        const Utf8Character character = utf8_at(query, at);
        if (!character.valid) {
            break;
        }
        at += character.length;
    }
    return at;
}

} // namespace crudctl::script
