#pragma once

#include <filesystem>
#include <string>

namespace crudctl {

/// The commit that is checked out where `folder` lies, in full; empty outside a repository, before
/// the first commit, and where the repository cannot be read or keeps its branches in a way that is
/// not known here. Reads files alone, since starting git would be felt in every command. Never
/// throws for what it finds.
std::string git_head(std::filesystem::path folder);

} // namespace crudctl
