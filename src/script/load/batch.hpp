#pragma once

#include "pg/result.hpp"
#include "script/reader/script_reader.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Statements that travel in one round trip: through a pipeline, each by itself; as one message
/// where they are COPYs, which no pipeline takes, or one large statement.
struct Batch {
    /// One statement, with what a report of its failure needs.
    struct Part {
        std::string text;
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
    /// The data of a COPY … FROM STDIN, and where they lie.
    struct Copy {
        std::string data;
        ScriptReader::CopyPlace place;
    };

    std::vector<std::string> before; // the loader's own statements
    std::vector<Part> parts;
    std::vector<std::string> after; // the loader's own
    /// How many of all statements are the load's, where others stand behind them.
    std::optional<std::size_t> load_size;
    std::vector<Copy> copies;
    bool has_more_data = false;                     // of the last COPY: the reader gives them
    std::vector<std::string> messages;              // of \echo, on the way
    bool is_last = false;                           // the file has no more
    bool ends_session = false;                      // what it set is gone behind it, as by \connect
    bool is_parsed_only = false;                    // its parts, as one message
    bool is_alone = false;                          // its only part is a message of its own
    Backslashes backslashes = Backslashes::literal; // as which it was read

    /// Of all statements, the loader's own as well. Each is known by its index among them.
    std::size_t size() const noexcept { return before.size() + parts.size() + after.size(); }
    std::size_t parts_end() const noexcept { return before.size() + parts.size(); }
    /// The part with that index; null where it is a statement of the loader's.
    const Part* part_of(std::size_t index) const;
    /// Whether the statement with that index is none of the load's.
    bool is_behind_load(std::size_t index) const { return load_size && index >= *load_size; }
    /// Whether its parts are one: COPYs, or what is only parsed.
    bool is_message() const;
    /// The texts of its parts together, and where in it each of them begins.
    struct Message {
        std::string text;
        std::vector<std::size_t> begins;
    };
    Message message() const;
    /// How many bytes of the file's statements there are.
    std::size_t bytes() const;
    /// The part alone, to be sent by itself.
    Batch only(const Part& part) const;
};

/// What a BatchMaker does with the statements.
struct BatchRules {
    std::size_t most_statements = 0;
    /// From so many bytes on a statement goes as a message of its own. A statement of a pipeline is
    /// copied three times by the server before it runs, which a near one feels more than a round
    /// trip. 0: none does.
    std::size_t alone_from = 0;
    /// The name that stands in for the settings' database in ALTER, GRANT and REVOKE … ON DATABASE;
    /// quoted. Empty: none does.
    std::string stand_in;
    /// The name that the database will have, as a literal, which goes in place of
    /// current_database(). Empty: none does.
    std::string name_literal;
    /// The parameters that the server knows: each SET of another is left out. Null: none is.
    const std::set<std::string, std::less<>>* known_settings = nullptr;
    /// COMMENT ON the settings' database leaves crudctl's lines of the comment where they are.
    bool keeps_marker = false;
    /// A statement of ours that goes before the first one that destroys. Empty: none does.
    std::string notice_of_destroying;
};

/// Cuts a file into batches: bounded in bytes and in statements, and ending behind what changes how
/// text is read.
class BatchMaker {
public:
    /// 1 MB of statements is work for so long that even a distant round trip does not show, and
    /// short enough for progress to be told in between.
    static constexpr std::size_t max_bytes = std::size_t{1} << 20U;
    /// Very short statements need a bound of their own: so many take the server some tenths of a
    /// second.
    static constexpr std::size_t max_statements = 5000;

    BatchMaker(ScriptReader& reader, const ScriptSettings& settings, BatchRules rules)
        : m_reader(reader), m_settings(settings), m_rules(std::move(rules))
    {}

    /// The next batch; nothing once the file has no more. Throws what the reader throws.
    std::optional<Batch> next();

    /// What was left out, for people.
    const std::vector<std::string>& notes() const noexcept { return m_notes; }
    /// What the file says of the settings' database as a whole, where another one stands in for it:
    /// it gets what the old one had when it takes the name, and the file wins over that. COMMENT is
    /// run then alone, since until then it bears a mark of its own.
    const std::vector<std::string>& deferred() const noexcept { return m_deferred; }
    /// Gives back the memory that a large statement took.
    void shrink();

private:
    bool is_unknown_setting(const Piece& piece);
    bool is_deferred(const Piece& piece);
    void note_repeated(const Piece& piece);
    bool is_about_target(const Piece& piece) const;
    bool is_retargeted(const Piece& piece) const;
    bool is_comment_to_keep(const Piece& piece) const;
    bool is_first_to_destroy(const Piece& piece) const;
    bool fits(const Batch& batch, const Piece& piece) const;
    bool is_full(const Batch& batch) const;
    bool goes_alone(const Piece& piece) const;
    static bool has_anything(const Batch& batch);
    void add(Batch& batch, const Piece& piece);
    void set_text(Batch::Part& part, const Piece& piece) const;
    std::string own_name(std::string_view written) const;
    void put_name(Batch::Part& part, const Piece& piece, const std::vector<Token>& places) const;
    std::vector<Token> own_names(const Piece& piece) const;
    static void add_own(Batch& batch, const Piece& piece, const std::string& sql);
    void add_copy_data(Batch& batch);

    ScriptReader& m_reader;
    const ScriptSettings& m_settings;
    BatchRules m_rules;
    std::optional<Piece> m_pending; // that did not fit into the last batch
    std::size_t m_bytes = 0;        // of the batch at hand, with its data
    bool m_is_session_used = false; // by a statement since it began
    bool m_has_role = false;        // another one than the session's
    std::vector<std::string> m_notes;
    std::vector<std::string> m_deferred;
};

/// The rows that statements of a batch inserted, updated, deleted or copied in: the results of all
/// from that index on.
std::size_t changed_rows(const Batch& batch, std::size_t begin,
                         const std::vector<pg::Result>& results);

} // namespace crudctl::script
