#pragma once

#include "script/source/gzip_text.hpp"
#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"
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

/// A CSV file that is open for reading: what its header is checked by, what is loaded and what an
/// error shows are one file, whatever happens to its path. A byte order mark counts as no
/// character, and isn't sent. Of a `.csv.gz` all is about its text, but for the size.
class CsvFile {
public:
    /// Throws Error(configuration) where it can't be read, ScriptError where it should be gzip data
    /// and is none.
    explicit CsvFile(SharedSource source);

    const std::string& shown() const noexcept { return m_source->shown(); }
    const std::filesystem::path& path() const noexcept { return m_source->path(); }
    /// As it was when it was opened.
    std::size_t size() const noexcept { return m_source->size(); }
    /// Throws Error(configuration) where it was written into since then.
    void require_unchanged() const { m_source->require_unchanged(); }
    /// Where its text begins, behind a byte order mark.
    Place begin() const noexcept { return {m_begin, 1, 1}; }

    /// Fills the buffer from a byte of the text on; what comes back is shorter at the text's end
    /// only. Throws Error(configuration), ScriptError of damaged gzip data.
    std::string_view read(std::size_t offset, std::span<char> buffer) const;
    std::string text(std::size_t offset, std::size_t size) const;
    /// How much of the file was read for the text up to here, once read() gave it.
    std::size_t file_bytes(std::size_t offset) const;

    /// An error about a place of the file, with the lines around it.
    ScriptError error(const Place& place, std::string message, std::string hint,
                      std::string state) const;
    std::vector<std::string> excerpt(const Place& place, std::size_t columns) const;

private:
    SharedSource m_source;
    std::shared_ptr<GzipText> m_unpacked; // of a compressed one alone
    std::size_t m_begin = 0;
};

/// The file's data for COPY, in pieces that each hold until the next one: memory stays flat.
class CsvChunks {
public:
    explicit CsvChunks(const CsvFile& file);

    /// Empty at the end. Servers before version 18 take a line `\.` for the end of the data, and
    /// drop what follows without a word: it is sent in quotes, as the value that it is.
    std::string_view next();
    /// Bytes of the file that were read for what was given.
    std::size_t file_bytes() const noexcept { return m_file_bytes; }

private:
    std::string_view take(std::size_t size);

    const CsvFile& m_file;
    std::vector<char> m_buffer;
    std::string_view m_pending; // of the buffer, not given yet
    std::size_t m_offset;       // in the text, of m_pending
    std::size_t m_file_bytes = 0;
    bool m_is_last = false;      // nothing follows the buffer
    bool m_is_inside = false;    // quotes, at m_offset
    bool m_is_line_start = true; // at m_offset
    bool m_is_at_marker = false; // a line `\.` stands at m_offset
};

/// `.csv` or `.csv.gz`, in any case and as the file's name spells it; empty for any other name.
std::string csv_ending(const std::filesystem::path& path);

/// Whether a file is a table's rows instead of SQL.
bool has_csv_name(const std::filesystem::path& path);
/// Whether these are compressed.
bool has_gzip_name(const std::filesystem::path& path);

} // namespace crudctl::script
