#pragma once

#include "script/sql/lexer.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::script {

/// A quoted string or name that may end, or go on, where its writer did not mean it to.
struct OddString {
    enum class Kind {
        ends_in_word,     // 'O'Brien'
        holds_statements, // a semicolon at a line's end, or the CREATE of another line
    };
    Kind kind = Kind::ends_in_word;
    std::size_t begin = 0; // in the text
    std::size_t end = 0;
    std::string quote; // ', " or a dollar tag

    /// The quote that one looks at first: the one that ended it too early, or that opened it.
    std::size_t place() const { return kind == Kind::ends_in_word ? end - quote.size() : begin; }
    /// How to correct it; `line` is the one that it begins in.
    std::string hint(std::size_t line) const;
};

/// Finds the first one of a text. Where the server refused the text, `refused_at` is the byte that
/// it points at: then only a string that stands right before it is one.
std::optional<OddString> odd_string_in(std::string_view sql, Backslashes backslashes,
                                       std::optional<std::size_t> refused_at = {});

} // namespace crudctl::script
