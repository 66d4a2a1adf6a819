#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// One field of a record as COPY reads it.
struct CsvField {
    std::size_t begin = 0; // its first byte in the record, as a rule its quote
    std::string value;     // without quotes
    bool is_null = false;  // empty, and nothing of it quoted
};

/// The fields of a record (without its line end) by the rules of Postgres' CSV: a quote turns
/// quoting on and off wherever it stands, a doubled one inside is a quote. There is at least one.
std::vector<CsvField> csv_fields(std::string_view record);

/// Where the record that `text` begins with ends, and the next one begins.
struct CsvRecordEnd {
    std::size_t end = 0;
    std::size_t next = 0;
};

/// Nothing where `text` is at its end before the record is. A carriage return by itself ends a
/// record as well, as it does for the server.
std::optional<CsvRecordEnd> csv_record_end(std::string_view text);

/// The byte of the quote that was opened last in a record that doesn't end; nothing where none is
/// open.
std::optional<std::size_t> open_quote(std::string_view record);

} // namespace crudctl::script
