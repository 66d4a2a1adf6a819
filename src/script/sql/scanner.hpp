#pragma once

#include "script/sql/boundary.hpp"
#include "script/sql/lexer.hpp"
#include "script/sql/position.hpp"
#include "script/sql/source_map.hpp"
#include "script/sql/variables.hpp"
#include "support/error.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// One piece of a SQL file.
struct Item {
    enum class Kind {
        statement,    // from its first token to its semicolon
        meta_command, // psql's: from the backslash to the end of the line, or to another one
        copy_data,    // a part of the lines behind COPY … FROM STDIN, newlines included
        copy_end,     // the line `\.`
    };
    Kind kind = Kind::statement;
    /// Valid until the scanner is called again.
    std::string_view text;
    /// Of a statement: the same with the comment before it and the blanks behind it, of which psql
    /// sends some. It contains `text`.
    std::string_view surroundings;
    Place place;
    std::vector<Expansion> expansions; // of a statement, in their order
    bool has_semicolon = false;       // only the last statement of a file may lack it, and one that
                                      // a meta-command cuts off
    bool is_copy_from_stdin = false;  // copy_data and copy_end follow
    bool is_inside_statement = false; // a meta-command that cuts one off
};

/// What a scanner refuses, and where it begins. Exit code `failed`; the message has no place.
class ScanError : public Error {
public:
    ScanError(const Place& place, const std::string& message, std::string hint = {});
    const Place& place() const noexcept { return m_place; }

private:
    Place m_place;
};

struct ScannerOptions {
    /// The server's standard_conforming_strings.
    Backslashes backslashes = Backslashes::literal;
    /// A statement must fit into memory here and into one message there (1 GB at most).
    std::size_t max_statement_bytes = std::size_t{256} << 20U;
};

/// Cuts a SQL file into its statements where the server's parser would. Takes the file in chunks of
/// any size, holds no more than a chunk and the statement at hand, looks at no byte twice:
///
///     while (more) { scanner.feed(chunk); while (auto item = scanner.next()) … }
///     scanner.finish(); while (auto item = scanner.next()) …
class Scanner {
public:
    explicit Scanner(const ScannerOptions& options = {});

    /// Replaces references to these variables, as they are when the scanner comes to them. They
    /// have to outlive it.
    void expand(const Variables& variables) { m_variables = &variables; }

    /// Throws ScanError at a NUL byte and at the mark of UTF-16.
    void feed(std::string_view chunk);
    /// The same for whoever can put up to `size` bytes where they are scanned: `read` does, and
    /// says how many. Gives that number; what `read` throws ends the scan.
    std::size_t feed(std::size_t size, const std::function<std::size_t(std::span<char>)>& read);
    void finish() { m_is_last = true; }
    bool is_finished() const noexcept { return m_is_last; }

    /// The next item; nothing where it takes more text or, after finish(), at the end. Throws
    /// ScanError where something is never closed (its place is where it opened) or a statement is
    /// too large.
    std::optional<Item> next();
    /// Once that has thrown: the statement that it was in, as far as it was fed.
    std::optional<Item> open_statement();

    /// From the next item on: a file may change the setting half-way.
    void set_backslashes(Backslashes backslashes) { m_lexer.set_backslashes(backslashes); }

    /// The lines behind this command are data, as behind COPY … FROM STDIN, up to the line `\.`.
    void begin_copy_data(const Place& command);
    /// Gives back the memory that a large statement took. What items gave is no longer valid.
    void shrink();

private:
    enum class Mode { sql, meta_command, before_copy_data, copy_data };

    bool skip_byte_order_mark();
    std::optional<Item> next_sql();
    std::optional<Item> take(const Token& token);
    std::optional<Item> finish_sql();
    [[noreturn]] void refuse_open_quote();
    Item statement(std::size_t end, std::size_t surroundings_end);
    std::size_t comment_before(std::size_t code) const;
    std::size_t first_needed();
    std::optional<Item> next_meta_command();
    bool skip_to_copy_data();
    std::optional<Item> next_copy_data();
    void require_text(std::size_t begin);
    void drop_consumed();
    void check_size();
    enum class Reference { none, replaced, unknown };
    Reference take_reference(const Token& token);
    Place place_at(std::size_t at) { return m_map.place_at(m_buffer, at); }

    ScannerOptions m_options;
    std::string m_buffer;
    SourceMap m_map;
    const Variables* m_variables = nullptr;
    bool m_is_behind_colon = false; // the first one of ::
    bool m_is_last = false;
    bool m_is_begun = false;

    Mode m_mode = Mode::sql;
    Lexer m_lexer;
    StatementBoundary m_boundary;
    std::optional<std::size_t> m_statement; // where it begins
    std::size_t m_comment = Lexer::npos;    // before the statement, where it begins
    std::size_t m_last_end = 0;             // of the statement's last token
    std::size_t m_consumed = 0;             // what no further item needs
    std::size_t m_scanned = 0;              // of a meta-command
    Place m_copy_place;
    bool m_has_copy_data_next = false; // a COPY's, whose semicolon is a meta-command
    bool m_is_inside_statement = false;
    bool m_is_inside_line = false;
};

/// What can be said of the next bytes behind COPY … FROM STDIN.
struct CopyCut {
    std::size_t data_end = 0;            // up to here they are data
    std::optional<std::size_t> mark_end; // the line `\.` lies between data_end and here
    bool is_inside_line = false;         // the data seen so far does not end with a newline
};

/// Looks for the line `\.` that ends the data, in whatever form the data is: so does psql. Bytes
/// that may turn out to be its beginning are not counted as data yet, unless is_last.
CopyCut cut_copy_data(std::string_view text, bool is_inside_line, bool is_last);

} // namespace crudctl::script
