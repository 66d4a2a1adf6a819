#pragma once

#include <cstddef>
#include <string>

namespace crudctl::bench {

/// A file of at least so many bytes, with rows for the table below; gives how many they are.
std::size_t write_inserts(const std::string& path, std::size_t bytes, std::size_t rows_each);
std::size_t write_copy(const std::string& path, std::size_t bytes);
/// With a header; so many rows, of about 68 bytes each.
void write_csv(const std::string& path, std::size_t rows);

/// `create table events (…)`; a file of the first two kinds begins with it.
extern const char* const events_table;

} // namespace crudctl::bench
