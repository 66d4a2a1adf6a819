#pragma once

#include "script/source/source_file.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace crudctl::script {

/// Something that psql meets in a file that it is left to run.
struct PsqlPiece {
    enum class Kind {
        statement, // with the variables put in that \set or the command line gave
        command,   // psql's own, but for an inclusion that was followed
        unread,    // the whole file: psql may see something else in it than crudctl does
    };
    Kind kind = Kind::statement;
    std::string text;               // of an unread file its SHA-256
    bool may_name_database = false; // of an unread file: it has the word
    std::string file;               // as shown
    std::size_t line = 0;
};

/// Reads files as psql would with these variables (NAME=VALUE), and what they include by a plain
/// name, each file once. A condition (`\if`), another meaning of quotes, another encoding, an error
/// that psql passes over, and a value that only psql knows (`\gset`) or that may hold a command
/// make a file unread, and those behind it. Throws Error(configuration) where one of the files
/// themselves can't be read.
void walk_psql_files(const std::vector<ScriptFile>& files,
                     const std::vector<std::string>& variables,
                     const std::function<void(const PsqlPiece&)>& take);

} // namespace crudctl::script
