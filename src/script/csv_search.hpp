#pragma once

#include "script/csv_file.hpp"
#include "script/place.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

namespace crudctl::script {

/// A record of a file, found again to show what is wrong with it.
struct CsvRecord {
    std::size_t number = 0;      // 0 is the header
    std::size_t server_line = 0; // of its end, as COPY counts
    Place place;                 // of its beginning
    std::string text;            // without its line end; the first megabyte of it
    bool is_open = false;        // the file ended inside quotes

    Place place_at(std::size_t byte) const;
};

/// The first record from the header on that `is_wanted` says yes to. Reads the file from its
/// beginning, in pieces: only what failed is worth that.
std::optional<CsvRecord> find_csv_record(const CsvFile& file,
                                         const std::function<bool(const CsvRecord&)>& is_wanted);

} // namespace crudctl::script
