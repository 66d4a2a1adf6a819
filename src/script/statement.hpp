#pragma once

#include "script/lexer.hpp"

#include <optional>
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
};

StatementFacts facts_of(std::string_view statement, Backslashes backslashes = Backslashes::literal);

/// The statement's leading words in lower case, at most `count`: up to the first token that isn't
/// a word. Comments do not count.
std::vector<std::string> first_words(std::string_view statement, std::size_t count);

} // namespace crudctl::script
