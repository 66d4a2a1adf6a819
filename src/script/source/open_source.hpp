#pragma once

#include "script/source/source_file.hpp"

#include <string>

namespace crudctl::script {

/// Opens a file of SQL. What is gzip data is unpacked, and what can be read only once is taken in,
/// each into a file without a name: it is read once to be judged and once to be sent.
/// `loading_command` loads a file that is named behind `-f`, for hints. Throws Error(configuration)
/// where it can't be read, and where its name or its first bytes say that it is no SQL: a dump in
/// a format of pg_dump's own, a compressed file, a table in another format; ScriptError of damaged
/// gzip data.
SharedSource open_sql(const ScriptFile& file, const std::string& loading_command);

} // namespace crudctl::script
