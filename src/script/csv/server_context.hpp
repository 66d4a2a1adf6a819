#pragma once

#include "pg/error.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What an error's texts say of a row, whatever the server's language. Names of columns are those
/// that are asked for; others count as none.
struct CopyContext {
    std::size_t line = 0; // as COPY counts
    std::string column;   // empty where it says none
};

/// "COPY users, line 7, column id: ..." anywhere in the context; nothing where it isn't there.
std::optional<CopyContext> copy_context(std::string_view context, std::string_view relation,
                                        std::span<const std::string> columns);

/// "Key (id, name)=(7, x) ...": the columns, and what follows the opening parenthesis.
struct KeyDetail {
    std::vector<std::string> columns;
    std::string_view values; // "7, x) already exists."
};
std::optional<KeyDetail> key_detail(std::string_view detail, std::span<const std::string> columns);

} // namespace crudctl::script
