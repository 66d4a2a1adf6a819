#pragma once

#include "script/lexer.hpp"
#include "script/place.hpp"
#include "script/script_error.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A SQL file to load.
struct ScriptFile {
    std::filesystem::path path;
    std::string shown; // the path in messages, as a rule relative to the project root

    /// Shown relative to `root` where it lies below it.
    static ScriptFile below(const std::filesystem::path& root, const std::filesystem::path& path);
};

/// One statement of a file, as a part of its text.
struct Command {
    std::size_t begin = 0;
    std::size_t size = 0;
    Place place;
    std::size_t number = 0; // from 1, with the statements that are not sent
    bool has_semicolon = false;
    bool is_sent = true;          // false: the file's own BEGIN and COMMIT, for which ours stand
    bool changes_reading = false; // a batch ends here
    Backslashes backslashes = Backslashes::literal; // as which it was read

    struct CopyData {
        std::size_t begin = 0;
        std::size_t size = 0;
        std::size_t line = 0; // of the file, where the data begins
    };
    std::optional<CopyData> copy; // COPY … FROM STDIN has it, even where it is empty
};

/// A file that was read, cut into statements and found fit to be sent.
struct ScannedFile {
    ScriptFile file;
    std::string text;
    std::vector<Command> commands;
    std::size_t statements = 0;
    bool changes_reading = false;   // some command does
    std::vector<std::string> notes; // what was left out, for people

    std::string_view text_of(const Command& command) const
    {
        return std::string_view(text).substr(command.begin, command.size);
    }
};

/// The files of a command, in their order.
struct Script {
    std::vector<ScannedFile> files;
    Backslashes backslashes = Backslashes::literal; // at the start of each file
    std::size_t bytes() const;
};

/// Reads and checks all the files. Throws Error(configuration) where one can't be read, ScriptError
/// at what can't be cut or must not be sent: psql's commands (but those that change nothing here),
/// COMMIT and ROLLBACK beyond one BEGIN … COMMIT of a file's own, PREPARE TRANSACTION, DISCARD ALL.
Script read_script(const std::vector<ScriptFile>& files,
                   Backslashes backslashes = Backslashes::literal);

/// The same texts read again with another standard_conforming_strings.
Script read_again(Script script, Backslashes backslashes);

/// A ScriptError about a place of a file, by us and not by the server.
ScriptError refusal(const ScannedFile& file, const Place& place, std::string message,
                    std::string hint, std::string state = "nothing was sent to the server");

/// What the files do to what is in the database already, and the first statement that destroys.
struct FilesEffect {
    bool destroys = false;
    std::string file; // as shown; empty where nothing destroys
    Place place;
    std::string text; // its beginning, on one line and printable
};
FilesEffect effect_of_script(const Script& script);
FilesEffect effect_of_files(const std::vector<ScriptFile>& files);

} // namespace crudctl::script
