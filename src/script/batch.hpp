#pragma once

#include "pg/result.hpp"
#include "script/script_file.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Statements that travel in one round trip, as one query of several statements.
struct Batch {
    struct Part {
        const Command* command = nullptr;
        std::size_t begin = 0; // in text
    };

    std::string text;
    std::size_t prefix_statements = 0; // of the loader's own, before the first part
    std::vector<Part> parts;
    std::vector<std::string_view> copies; // the data of each COPY … FROM STDIN in it
    std::size_t file_bytes = 0;           // how far into the file it reaches

    /// The part that the byte of `text` belongs to; nothing in the prefix.
    const Part* part_at(std::size_t byte) const;
    /// The part behind so many completed statements; nothing in the prefix or beyond the end.
    const Part* part_of(std::size_t completed) const;
};

/// SQL of the loader's own, to ride in a batch.
struct Prefix {
    std::string text;
    std::size_t statements = 0;
};

/// Cuts a file's commands into batches: bounded in bytes and in statements, and ending behind what
/// changes how the server reads text, since it reads a batch whole before it runs any of it.
class BatchMaker {
public:
    /// The server parses a whole batch before it runs any of it, and takes fifteen times the text
    /// in memory for that (16 MB for 1 MB of INSERTs, 62 MB for 4 MB). Locally 64 kB and 4 MB load
    /// equally fast; 1 MB of statements is work for so long that even a distant round trip does not
    /// show, and short enough for progress to be told in between.
    static constexpr std::size_t max_bytes = std::size_t{1} << 20U;
    /// Very short statements need a bound of their own: so many take the server some tenths of a
    /// second.
    static constexpr std::size_t max_statements = 5000;

    explicit BatchMaker(const ScannedFile& file) : m_file(file) {}

    /// The next batch, beginning with `prefix`; nothing once there are no more commands.
    std::optional<Batch> next(const Prefix& prefix);

private:
    void add(Batch& batch, const Command& command) const;

    const ScannedFile& m_file;
    std::size_t m_next = 0;
};

/// The rows that the statements of a batch inserted, updated, deleted or copied in.
std::size_t changed_rows(const Batch& batch, const std::vector<pg::Result>& results);

} // namespace crudctl::script
