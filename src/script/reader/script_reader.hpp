#pragma once

#include "script/reader/file_rules.hpp"
#include "script/reader/script_settings.hpp"
#include "script/source/file_digest.hpp"
#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"
#include "script/sql/meta_command.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"
#include "script/sql/variables.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What a file has to say next.
struct Piece {
    enum class Kind {
        statement, // to be sent
        message,   // of \echo, for people
        session,   // psql begins a new one here: what the last one had set is gone
    };
    Kind kind = Kind::statement;
    std::string_view text;         // until the reader is called again
    std::string_view surroundings; // as an Item's; empty for what stands in no file
    SharedSource source;           // the file it stands in: one that \i names, as the case may be
    Place place;
    std::vector<Expansion> expansions;
    std::size_t number = 0;     // of the statement, from 1, with those that are not sent
    bool has_copy_data = false; // next_copy_data() gives them
    StatementFacts facts;
    Backslashes backslashes = Backslashes::literal; // as which it was read
};

/// Reads one file of a command as psql would, with what it includes: follows its commands, puts in
/// its variables, leaves out what is not to be sent, and refuses what must not be.
///
///     ScriptReader reader(source, settings, variables);
///     while (const auto piece = reader.next()) …
class ScriptReader {
public:
    /// `settings` has to outlive it, and so has `digest`, which is told what is read.
    ScriptReader(SharedSource file, const ScriptSettings& settings, Variables variables,
                 DigestParts* digest = nullptr);

    /// Throws ScriptError where the file can't be cut or holds what must not be sent,
    /// Error(configuration) where it can't be read.
    std::optional<Piece> next();
    /// Once that has thrown: the statement that never ended, as far as it was read.
    std::optional<Piece> open_statement();

    /// Behind a statement that has data: a piece of them, until the reader is called again; empty
    /// at their end.
    std::string_view next_copy_data();
    /// Instead of that, for whoever only wants to know that they have an end.
    void skip_copy_data();
    /// Where the data lie, once the first piece of them was given.
    struct CopyPlace {
        SharedSource source;
        Place begin;
    };
    const CopyPlace& copy_place() const noexcept { return m_copy_place; }

    /// The values as the file left them, for the next one.
    const Variables& variables() const noexcept { return *m_variables; }
    std::size_t statements() const noexcept { return m_statements; }
    const std::vector<std::string>& notes() const noexcept { return m_rules.notes(); }
    /// Of all files that were opened, and how many were read.
    std::size_t known_bytes() const noexcept { return m_known_bytes; }
    std::size_t read_bytes() const noexcept { return m_read_bytes; }
    /// Gives back the memory that a large statement took; the last piece is no longer valid.
    void shrink();

private:
    /// A file, and how far it was read.
    struct Level {
        SharedSource source;
        Scanner scanner;
        std::size_t offset = 0;
    };

    void open(SharedSource source);
    void leave_file();
    void leave_copy_file();
    bool feed();
    std::optional<Item> next_item();
    std::optional<Piece> take(const Item& item);
    std::optional<Piece> take_statement(const Item& item);
    std::optional<Piece> take_meta_command(const Item& item);
    std::optional<Piece> follow(const Item& item, const MetaCommand& command);
    Piece begin_session();
    Piece echo(const std::vector<std::string>& arguments);
    void set_variable(const Item& item, const std::vector<std::string>& arguments);
    void include(const Item& item, const std::vector<std::string>& arguments, bool is_relative);
    Piece copy_from(const Item& item, const MetaCommand& command);
    Piece set_encoding(const Item& item, const std::vector<std::string>& arguments);
    Piece own_statement(const Item& item, std::string text);
    std::filesystem::path resolved(const std::string& name, bool is_relative) const;
    /// Of a file that a command of psql's names.
    enum class Content { sql, copy_data };
    SharedSource opened(const Item& item, const std::filesystem::path& path, Content content);
    std::string psql_hint(std::string_view command) const;
    [[noreturn]] void refuse_command(const Item& item, std::string_view name,
                                     std::string_view where) const;
    [[noreturn]] void refuse(const Place& place, const std::string& message,
                             const std::string& hint) const;

    const ScriptSettings& m_settings;
    std::unique_ptr<Variables> m_variables; // the scanners hold its address
    FileRules m_rules;
    DigestParts* m_digest;
    std::vector<std::unique_ptr<Level>> m_levels;
    std::string m_chunk; // of a file that \copy names
    std::string m_text;  // of a statement or a message that stands in no file
    std::size_t m_statements = 0;
    bool m_is_database_composed = false; // by the statement at hand, which a command cuts off
    std::size_t m_known_bytes = 0;
    std::size_t m_read_bytes = 0;
    Backslashes m_backslashes;
    CopyPlace m_copy_place;
    SharedSource m_copy_file; // that \copy names
    std::size_t m_copy_offset = 0;
};

} // namespace crudctl::script
