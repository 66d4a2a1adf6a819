#pragma once

#include "script/sql/lexer.hpp"
#include "script/sql/source_map.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What of a statement goes to the server.
struct SentText {
    std::string text;
    std::vector<Expansion> expansions; // counted from where the statement's first token is
};

/// What psql sends for a statement: current_query(), the server's log and its statistics show it to
/// the byte. `surroundings` contains `statement`, as an Item's do; `expansions` are the
/// statement's.
SentText sent_text(std::string_view statement, std::string_view surroundings,
                   std::span<const Expansion> expansions, Backslashes backslashes);

} // namespace crudctl::script
