#pragma once

#include "oracle/chunked_scan.hpp"

#include <optional>
#include <string>

namespace crudctl::tests {

/// How many statements the text is for the server's own parser; nothing where it accepts none of
/// it.
std::optional<std::size_t> statements_for_server(const std::string& text);

/// Why the scanner's statements are not those of the server's own parser; empty where they are the
/// same. Nothing where the parser does not accept the text, or where psql would take a part of it
/// for itself: the parser has no say about meta-commands and about what follows COPY FROM STDIN.
/// That a statement is such a COPY it does know, and is asked.
std::optional<std::string> difference_from_server(const std::string& text, const ChunkSizes& sizes);

} // namespace crudctl::tests
