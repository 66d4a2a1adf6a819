#pragma once

#include "script/sql/lexer.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/source_map.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What a statement does to the transaction that it runs in.
enum class Control {
    none,
    begin,       // BEGIN, START TRANSACTION
    commit,      // COMMIT, END
    rollback,    // ROLLBACK, ABORT
    savepoint,   // SAVEPOINT, RELEASE
    rollback_to, // ROLLBACK TO: settings made since go back too
    two_phase,   // PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED
    discard_all,
};

/// What a loader has to know of a statement before it sends it.
struct StatementFacts {
    std::string verb; // the first word, in lower case
    Control control = Control::none;
    /// BEGIN with an isolation level or another mode; COMMIT AND CHAIN.
    bool has_modes = false;
    /// It may change how the server reads the text behind it: standard_conforming_strings,
    /// backslash_quote or client_encoding, by SET, RESET or set_config.
    bool changes_reading = false;
    /// What it makes of standard_conforming_strings, where it names a value.
    std::optional<Backslashes> backslashes;
    /// … and where it goes back to the session's start value.
    bool resets_backslashes = false;
    /// An encoding whose second bytes may be ASCII, so that quotes in it can't be told.
    bool sets_unsafe_encoding = false;
    /// What a SET gives a value, in lower case.
    std::string setting;
    /// The database that CREATE, DROP, ALTER, COMMENT ON, GRANT and their kin name behind the word
    /// DATABASE, as the server reads it, and where the name stands in the statement.
    std::string database;
    Token database_name;
};

StatementFacts facts_of(std::string_view statement, Backslashes backslashes = Backslashes::literal);

/// A name as the server reads it: folded, or without its quotes.
std::string folded_name(std::string_view token);

/// The statement's leading words in lower case, at most `count`: up to the first token that isn't
/// a word. Comments do not count.
std::vector<std::string> first_words(std::string_view statement, std::size_t count);

/// A statement on its own, for whoever holds the whole text.
struct Statement {
    std::string text;
    Place place;
};

/// The statements of a text that holds nothing else: throws ScanError at a meta-command.
std::vector<Statement> split(std::string_view text, const ScannerOptions& options = {});

/// What of a statement goes to the server.
struct SentText {
    std::string text;
    std::vector<Expansion> expansions; // counted from where the statement's first token is
};

/// What psql sends for a statement: current_query(), the server's log and its statistics show it to
/// the byte. `surroundings` contains `statement`, as an Item's do; `expansions` are the
/// statement's.
SentText sent_text(std::string_view statement, std::string_view surroundings,
                   std::span<const Expansion> expansions, Backslashes backslashes);

} // namespace crudctl::script
