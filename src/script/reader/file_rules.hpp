#pragma once

#include "script/reader/script_settings.hpp"
#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// A ScriptError about a place of a file, by us and not by the server.
ScriptError refusal(const SourceFile& source, const Place& place, std::string message,
                    std::string hint, std::string state = "nothing was run");

/// What of a file is sent, what is left out, and what is refused: a file must not end the
/// transaction that it is loaded in, nor go to another database. Throws ScriptError.
class FileRules {
public:
    /// `settings` has to outlive it.
    FileRules(SharedSource file, const ScriptSettings& settings)
        : m_file(std::move(file)), m_settings(settings)
    {}

    /// False for the file's own BEGIN and COMMIT, and for the CREATE DATABASE of the one that it is
    /// loaded into. `source` is the file that the statement stands in.
    bool is_to_be_sent(const Item& item, const StatementFacts& facts, const SharedSource& source);
    /// \restrict and \unrestrict, which pg_dump writes in pairs with one key.
    void take_restriction(const Item& item, std::string_view name, std::string_view key,
                          const SharedSource& source);
    /// Between the two no other command of psql's is right.
    void require_unrestricted(const Item& item, std::string_view name, const SharedSource& source);
    /// \connect to the database that the file is loaded into anyway, as the same role.
    void take_connect(const Item& item, const std::vector<std::string>& arguments,
                      const SharedSource& source);
    /// Something that only changes what psql shows.
    void leave_out(std::string what);
    /// The file ended.
    void finish(std::size_t statements);

    /// What was left out, for people.
    const std::vector<std::string>& notes() const noexcept { return m_notes; }

private:
    enum class Block { none, open, done };

    bool take_begin(const Item& item, const StatementFacts& facts);
    bool take_commit(const Item& item, const StatementFacts& facts);
    bool take_database(const Item& item, const StatementFacts& facts);
    void note_skipped(const Item& item, std::string_view what);
    [[noreturn]] void refuse_ending(const Item& item) const;
    [[noreturn]] void refuse(const Place& place, std::string message, std::string hint) const;

    SharedSource m_file;   // of the command
    SharedSource m_source; // where the item at hand stands
    const ScriptSettings& m_settings;
    Block m_block = Block::none;
    Place m_block_place;
    SharedSource m_block_source;
    std::optional<std::string> m_restriction; // the key of \restrict
    std::vector<std::string> m_left_out;
    std::vector<std::string> m_notes;
};

/// psql's \copy, as the statement that does the same with the data behind it.
struct CopyCommand {
    std::string sql;                 // COPY … FROM STDIN …
    std::optional<std::string> file; // with the data; nothing: they follow in the script
};

/// Takes what stands behind \copy. Throws Error(failed) where it copies out of the database, from a
/// program, or can't be understood.
CopyCommand parse_copy_command(std::string_view arguments);

/// Which way psql's \copy goes.
enum class CopyWay {
    from_lines, // that follow in the script
    from_file,
    to_output,
    other, // to a file, to or from a program, from psql's own input, or not understood
};
CopyWay copy_way(std::string_view arguments);

} // namespace crudctl::script
