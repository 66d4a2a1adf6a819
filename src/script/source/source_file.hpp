#pragma once

#include "script/sql/position.hpp"
#include "support/system/file.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A file to load.
struct ScriptFile {
    std::filesystem::path path;
    std::string shown;          // the path in messages, as a rule relative to the project root
    bool may_be_stream = false; // a pipe, a FIFO, or `-`, the standard input

    /// Shown relative to `root` where it lies below it.
    static ScriptFile below(const std::filesystem::path& root, const std::filesystem::path& path);
};

/// A file that is being read, a chunk at a time, and looked into again where something of it has to
/// be shown. It stays open, so that an editor that replaces it disturbs nobody.
class SourceFile {
public:
    /// Throws Error(configuration) where it can't be read.
    explicit SourceFile(ScriptFile file);
    /// Of what was opened already.
    SourceFile(ScriptFile file, InputFile input);

    const std::string& shown() const noexcept { return m_file.shown; }
    const std::filesystem::path& path() const noexcept { return m_file.path; }
    /// Whether it came through a pipe or the like, whose name says nothing of what comes next.
    bool is_stream() const noexcept { return m_file.may_be_stream; }
    /// Of a text that was packed: unpacked.
    std::size_t size() const noexcept { return m_input.size(); }

    /// Reads up to `size` bytes at `offset`; shorter at the end alone, empty behind it. Throws
    /// Error(configuration) where it can't be read or was written into since it was opened: nobody
    /// could say what of it has been loaded.
    void read(std::size_t offset, std::size_t size, std::string& chunk) const;
    /// The same into `buffer`; how much there was.
    std::size_t read(std::size_t offset, std::span<char> buffer) const;
    /// The same for whoever only shows something of it, changed or not; how much there was.
    std::size_t look(std::size_t offset, std::span<char> buffer) const
    {
        return m_input.read_at(offset, buffer);
    }
    /// Throws Error(configuration) where it was written into since it was opened.
    void require_unchanged() const;

    /// The place at the byte `offset`, counted on from a place before it.
    Place place_at(const Place& from, std::size_t offset) const;

    /// The beginning of the line that lies `lines` further on; of the last one at most.
    Place place_of_line(const Place& from, std::size_t lines) const;

    /// The place's line between its neighbours, with a caret, as source_excerpt() shows it; no line
    /// takes more than `columns` columns.
    std::vector<std::string> excerpt(const Place& place, std::size_t columns) const;

private:
    ScriptFile m_file;
    InputFile m_input;
};

using SharedSource = std::shared_ptr<const SourceFile>;

/// The files that a path names: itself, where it is there; otherwise those that it matches as a
/// pattern of the shell's, in which `**` stands for any folders; of a folder the files in it that
/// end in .sql, .csv, .sql.gz or .csv.gz. Sorted as `LC_ALL=C ls` does. What names none comes back
/// as it is: who opens it says so.
std::vector<std::filesystem::path> files_named_by(const std::filesystem::path& path);

/// Opens a file of SQL. What is gzip data is unpacked, and what can be read only once is taken in,
/// each into a file without a name: it is read once to be judged and once to be sent.
/// `loading_command` loads a file that is named behind `-f`, for hints. Throws Error(configuration)
/// where it can't be read, and where its name or its first bytes say that it is no SQL: a dump in
/// a format of pg_dump's own, a compressed file, a table in another format; ScriptError of damaged
/// gzip data.
SharedSource open_sql(const ScriptFile& named, const std::string& loading_command);

} // namespace crudctl::script
