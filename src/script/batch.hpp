#pragma once

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
    /// The server reads and parses a whole batch before it runs the first statement, and takes
    /// about ten times the text's size in memory for it; and only between batches there is
    /// progress to be told. Behind some 256 kB a round trip of 50 ms is lost among the work.
    static constexpr std::size_t max_bytes = std::size_t{256} << 10U;
    /// A hand-written schema fits into one batch; that many short INSERTs take the server about as
    /// long as one distant round trip.
    static constexpr std::size_t max_statements = 1000;

    explicit BatchMaker(const ScannedFile& file) : m_file(file) {}

    /// The next batch, beginning with `prefix`; nothing once there are no more commands.
    std::optional<Batch> next(const Prefix& prefix);

private:
    void add(Batch& batch, const Command& command) const;

    const ScannedFile& m_file;
    std::size_t m_next = 0;
};

} // namespace crudctl::script
