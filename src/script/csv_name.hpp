#pragma once

#include <filesystem>
#include <string>

namespace crudctl::script {

/// `.csv` or `.csv.gz`, in any case and as the file's name spells it; empty for any other name.
std::string csv_ending(const std::filesystem::path& path);

/// Whether a file is a table's rows instead of SQL.
bool has_csv_name(const std::filesystem::path& path);
/// Whether these are compressed.
bool has_gzip_name(const std::filesystem::path& path);

} // namespace crudctl::script
