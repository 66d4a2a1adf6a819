#pragma once

#include <filesystem>
#include <string>

namespace crudctl::plan {

/// Who changes something, and from which state of the project's files.
struct Author {
    std::string user; // of the operating system
    std::string host;
    std::string git; // the commit's first 10 digits; empty where there is none
};

/// Whoever runs this process.
Author author_of(const std::filesystem::path& project_root);

/// What a statement that destroys begins with, so that the server's own log has who it was:
/// `/* crudctl drop user=andrew host=mac git=0123456789 plan=a41f */ `. Whatever the values hold,
/// they cannot end the comment; an empty one is left out.
std::string statement_tag(const std::string& command, const Author& author,
                          const std::string& plan_id);

/// The commit that is checked out where `folder` lies, in full; empty outside a repository, before
/// the first commit, and where the repository cannot be read or keeps its branches in a way that is
/// not known here. Reads files alone, since starting git would be felt in every command. Never
/// throws for what it finds.
std::string git_head(std::filesystem::path folder);

} // namespace crudctl::plan
