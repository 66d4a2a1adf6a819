#pragma once

#include "commands/context.hpp"

#include <map>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace crudctl::commands {

/// A file of the package that a function is deployed with.
struct PackedFile {
    std::string content;
    mode_t mode = 0644;
};

/// By their paths inside.
using PackedFiles = std::map<std::string, PackedFile>;

/// bootstrap; crudctl with its loader and libraries; the project's configuration, queries and
/// certificates. No secret is among them: throws Error(configuration) where the configuration holds
/// a password, or the queries lie elsewhere.
PackedFiles lambda_files(const Context& context);

} // namespace crudctl::commands
