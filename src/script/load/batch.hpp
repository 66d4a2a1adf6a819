#pragma once

#include "pg/result.hpp"
#include "script/reader/script_reader.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Statements that travel in one round trip, as one query of several statements.
struct Batch {
    /// One statement, with what a report of its failure needs.
    struct Part {
        std::size_t begin = 0; // in text
        std::size_t size = 0;  // there
        SharedSource source;
        Place place;
        std::vector<Expansion> expansions;
        std::size_t number = 0;
        std::string verb;
        std::string setting;
        bool changes_reading = false;
        bool is_ours = false;            // and none of the file's, where that stands
        std::optional<std::size_t> copy; // which of copies it takes
    };

    std::string text;
    std::size_t prefix_statements = 0; // of the loader's own, before the first part
    std::vector<Part> parts;
    /// The data of each COPY … FROM STDIN in it, and where they lie.
    struct Copy {
        std::string data;
        ScriptReader::CopyPlace place;
    };
    std::vector<Copy> copies;
    bool has_more_data = false;        // of the last COPY: the reader gives them
    std::vector<std::string> messages; // of \echo, on the way
    bool is_last = false;              // the file has no more
    /// How many statements are the load's, where others stand behind them.
    std::optional<std::size_t> load_size;
    bool destroys = false;                          // one of its statements; where that is tagged
    Backslashes backslashes = Backslashes::literal; // as which it was read

    std::string_view text_of(const Part& part) const
    {
        return std::string_view(text).substr(part.begin, part.size);
    }
    /// The part that the byte of `text` belongs to; nothing in the prefix.
    const Part* part_at(std::size_t byte) const;
    /// The part behind so many completed statements; nothing in the prefix or beyond the end.
    const Part* part_of(std::size_t completed) const;
    /// Whether the statement behind so many completed ones is none of the load's.
    bool is_behind_load(std::size_t completed) const
    {
        return load_size && completed >= *load_size;
    }
    /// The part alone, to be sent by itself.
    Batch only(const Part& part) const;
};

/// SQL of the loader's own, to ride in a batch.
struct Prefix {
    std::string text;
    std::size_t statements = 0;
};

/// What a BatchMaker does with the statements.
struct BatchRules {
    std::size_t most_statements = 0;
    /// The name that stands in for the settings' database in ALTER, GRANT and REVOKE … ON DATABASE;
    /// quoted. Empty: none does.
    std::string stand_in;
    /// The parameters that the server knows: each SET of another is left out. Null: none is.
    const std::set<std::string, std::less<>>* known_settings = nullptr;
    /// COMMENT ON the settings' database leaves crudctl's lines of the comment where they are.
    bool keeps_marker = false;
    /// A comment in SQL, to stand behind a batch with a statement that destroys, where it moves no
    /// error's position. Empty: none does.
    std::string tag;
};

/// Cuts a file into batches: bounded in bytes and in statements, and ending behind what changes how
/// the server reads text, since it reads a batch whole before it runs any of it.
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

    BatchMaker(ScriptReader& reader, const ScriptSettings& settings, BatchRules rules)
        : m_reader(reader), m_settings(settings), m_rules(std::move(rules))
    {}

    /// The next batch, beginning with `prefix`; nothing once the file has no more. Throws what the
    /// reader throws.
    std::optional<Batch> next(const Prefix& prefix);

    /// What was left out, for people.
    const std::vector<std::string>& notes() const noexcept { return m_notes; }
    /// COMMENT ON the settings' database, where another one stands in for it: that one bears a mark
    /// of its own as a comment until it takes the name.
    const std::vector<std::string>& deferred() const noexcept { return m_deferred; }
    /// Gives back the memory that a large statement took.
    void shrink();

private:
    bool is_unknown_setting(const Piece& piece);
    bool is_deferred(const Piece& piece);
    bool is_about_target(const Piece& piece) const;
    bool is_comment_to_keep(const Piece& piece) const;
    bool fits(const Batch& batch, const Piece& piece) const;
    void add(Batch& batch, const Piece& piece);
    void add_text(Batch& batch, const Piece& piece, Batch::Part& part) const;
    static void add_own(Batch& batch, const Piece& piece, const std::string& sql);
    void add_copy_data(Batch& batch);

    ScriptReader& m_reader;
    const ScriptSettings& m_settings;
    BatchRules m_rules;
    std::optional<Piece> m_pending; // that did not fit into the last batch
    std::size_t m_bytes = 0;        // of the batch at hand, with its data
    std::vector<std::string> m_notes;
    std::vector<std::string> m_deferred;
};

/// The rows that the statements of a batch inserted, updated, deleted or copied in.
std::size_t changed_rows(const Batch& batch, const std::vector<pg::Result>& results);

} // namespace crudctl::script
