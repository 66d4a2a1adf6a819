#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crudctl::script {

/// psql's \copy, as the statement that does the same with the data behind it.
struct CopyCommand {
    std::string sql;                 // COPY … FROM STDIN …
    std::optional<std::string> file; // with the data; nothing: they follow in the script
};

/// Takes what stands behind \copy. Throws Error(failed) where it copies out of the database, from a
/// program, or can't be understood.
CopyCommand parse_copy_command(std::string_view arguments);

} // namespace crudctl::script
