#include "script/sql/scanner.hpp"

#include "script/sql/meta_command.hpp"
#include "script/sql/odd_string.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t largest_kept_buffer = std::size_t{1} << 20U;
constexpr std::size_t largest_kept_comment = std::size_t{64} << 10U;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr const char* utf8_hint = "save the file as UTF-8";

constexpr std::string_view separator = "\\\\"; // between a command and what follows on its line

constexpr std::string_view mark = "\\.";

enum class Answer { no, yes, unknown };

/// Whether `text`, which begins a line, begins with the mark; `end` is then behind its newline.
Answer begins_with_mark(std::string_view text, bool is_last, std::size_t& end)
{
    for (const std::string_view whole : {std::string_view("\\.\n"), std::string_view("\\.\r\n")}) {
        if (text.starts_with(whole)) {
            end = whole.size();
            return Answer::yes;
        }
    }
    if (is_last) {
        end = text.size();
        return text == mark || text == "\\.\r" ? Answer::yes : Answer::no;
    }
    return std::string_view("\\.\r").starts_with(text) ? Answer::unknown : Answer::no;
}

} // namespace

ScanError::ScanError(const Place& place, const std::string& message, std::string hint)
    : Error(ExitCode::failed, message, std::move(hint)), m_place(place)
{}

Scanner::Scanner(const ScannerOptions& options) : m_options(options)
{
    m_lexer.set_backslashes(options.backslashes);
}

void Scanner::feed(std::string_view chunk)
{
    feed(chunk.size(),
         [chunk](std::span<char> room) { return chunk.copy(room.data(), room.size()); });
}

std::size_t Scanner::feed(std::size_t size, const std::function<std::size_t(std::span<char>)>& read)
{
    drop_consumed();
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + size);
    const std::size_t count = read(std::span(m_buffer).subspan(before));
    m_buffer.resize(before + count);
    require_text(before);
    return count;
}

void Scanner::require_text(std::size_t begin)
{
    const bool is_utf16 = m_map.begins_file() &&
                          (m_buffer.starts_with("\xFF\xFE") || m_buffer.starts_with("\xFE\xFF"));
    if (is_utf16) {
        throw ScanError({}, "the file is UTF-16", utf8_hint);
    }
    const std::size_t nul = m_buffer.find('\0', begin);
    if (nul != std::string::npos) {
        throw ScanError(place_at(nul), "a NUL byte: this is no SQL in UTF-8", utf8_hint);
    }
}

void Scanner::shrink()
{
    drop_consumed();
    if (m_buffer.capacity() > largest_kept_buffer && m_buffer.size() < largest_kept_buffer) {
        m_buffer.shrink_to_fit();
    }
}

std::optional<Item> Scanner::next()
{
    if (!m_is_begun && !skip_byte_order_mark()) {
        return std::nullopt;
    }
    switch (m_mode) {
    case Mode::sql:
        return next_sql();
    case Mode::meta_command:
        return next_meta_command();
    case Mode::before_copy_data:
        return skip_to_copy_data() ? next_copy_data() : std::nullopt;
    case Mode::copy_data:
        return next_copy_data();
    }
    return std::nullopt;
}

bool Scanner::skip_byte_order_mark()
{
    if (m_buffer.size() < utf8_mark.size() && !m_is_last && utf8_mark.starts_with(m_buffer)) {
        return false;
    }
    if (m_buffer.starts_with(utf8_mark)) {
        m_buffer.erase(0, utf8_mark.size());
        m_map.skip(utf8_mark.size());
    }
    m_is_begun = true;
    return true;
}

std::optional<Item> Scanner::next_sql()
{
    while (const Token* token = m_lexer.next(m_buffer, m_is_last)) {
        m_comment = m_statement ? m_comment : comment_before(token->begin);
        const Reference reference = take_reference(*token);
        if (reference != Reference::none) {
            m_lexer.restart(token->begin);
            if (reference == Reference::unknown) {
                break;
            }
            continue;
        }
        if (auto item = take(*token)) {
            return item;
        }
        if (m_mode == Mode::meta_command) {
            return next_meta_command();
        }
    }
    if (m_is_last) {
        return finish_sql();
    }
    m_consumed = first_needed();
    check_size();
    return std::nullopt;
}

/// The block comment before the code that begins there; one that is not short is not held for it.
std::size_t Scanner::comment_before(std::size_t code) const
{
    const std::size_t comment = m_comment == Lexer::npos ? m_lexer.comment() : m_comment;
    return comment < code && code - comment <= largest_kept_comment ? comment : Lexer::npos;
}

/// Of the buffer.
std::size_t Scanner::first_needed()
{
    const std::size_t code = m_statement.value_or(m_lexer.begin());
    m_comment = m_statement ? m_comment : comment_before(code);
    return std::min(m_comment, code);
}

std::optional<Item> Scanner::take(const Token& token)
{
    const std::string_view text =
        std::string_view(m_buffer).substr(token.begin, token.end - token.begin);
    if (token.kind == TokenKind::symbol && text == "\\") {
        m_mode = Mode::meta_command;
        m_is_inside_statement = m_statement.has_value();
        m_scanned = token.begin;
        m_consumed = token.begin;
        if (m_statement) {
            return statement(m_last_end, token.begin);
        }
        m_comment = Lexer::npos;
        return std::nullopt;
    }
    const bool is_end = m_boundary.ends_with(token, text);
    if (!is_end) {
        m_statement = m_statement.value_or(token.begin);
        m_last_end = token.end;
        return std::nullopt;
    }
    m_consumed = token.end;
    if (m_statement) {
        Item item = statement(token.end, token.end);
        item.has_semicolon = true;
        return item;
    }
    m_comment = Lexer::npos;
    return std::nullopt;
}

std::optional<Item> Scanner::finish_sql()
{
    if (!m_lexer.open().empty()) {
        refuse_open_quote();
    }
    if (const auto open = m_boundary.open()) {
        throw ScanError(place_at(open->begin), fmt::format("unterminated {}", open->what));
    }
    m_consumed = m_buffer.size();
    return m_statement ? std::optional(statement(m_last_end, m_buffer.size())) : std::nullopt;
}

/// A quote too many or too few turns the file inside out from there on: the last one, which opens
/// what is never closed, is mostly right.
void Scanner::refuse_open_quote()
{
    const Place opened = place_at(m_lexer.begin());
    const std::string message = fmt::format("unterminated {}", m_lexer.open());
    const std::size_t begin = m_statement.value_or(m_lexer.begin());
    const auto odd = odd_string_in(
        std::string_view(m_buffer).substr(begin, m_lexer.begin() - begin), m_lexer.backslashes());
    if (!odd) {
        throw ScanError(opened, message);
    }
    throw ScanError(place_at(begin + odd->place()),
                    fmt::format("{}, which opens in line {}, column {}: look at this quote first",
                                message, opened.line, opened.column),
                    odd->hint(place_at(begin + odd->begin).line));
}

std::optional<Item> Scanner::open_statement()
{
    return m_statement ? std::optional(statement(m_buffer.size(), m_buffer.size())) : std::nullopt;
}

Item Scanner::statement(std::size_t end, std::size_t surroundings_end)
{
    const std::size_t begin = std::min(*m_statement, m_comment);
    Item item;
    item.text = std::string_view(m_buffer).substr(*m_statement, end - *m_statement);
    item.surroundings = std::string_view(m_buffer).substr(begin, surroundings_end - begin);
    item.place = place_at(*m_statement);
    item.expansions = m_map.expansions(*m_statement, end);
    item.is_copy_from_stdin = m_boundary.is_copy_from_stdin();
    if (item.is_copy_from_stdin) {
        m_copy_place = item.place;
        m_has_copy_data_next = m_mode == Mode::meta_command; // behind that command's line
        m_mode = m_has_copy_data_next ? m_mode : Mode::before_copy_data;
    }
    m_statement.reset();
    m_comment = Lexer::npos;
    m_boundary = {};
    return item;
}

void Scanner::drop_consumed()
{
    m_map.drop(m_buffer, m_consumed);
    m_buffer.erase(0, m_consumed);
    if (m_mode == Mode::sql) {
        m_lexer.drop(m_consumed);
        m_boundary.drop(m_consumed);
    }
    if (m_statement) {
        *m_statement -= m_consumed;
        m_last_end -= m_consumed;
    }
    m_comment -= m_comment == Lexer::npos ? 0 : m_consumed;
    m_scanned -= std::min(m_consumed, m_scanned);
    m_consumed = 0;
}

void Scanner::check_size()
{
    if (m_buffer.size() - m_consumed > m_options.max_statement_bytes) {
        throw ScanError(
            place_at(m_consumed),
            fmt::format("a statement of more than {}", size_text(m_options.max_statement_bytes)));
    }
}

// The value is read like the text around it, as psql does.
Scanner::Reference Scanner::take_reference(const Token& token)
{
    const bool is_second = std::exchange(m_is_behind_colon, false);
    if (token.kind != TokenKind::symbol || m_buffer[token.begin] != ':' || m_variables == nullptr ||
        is_second) {
        return Reference::none;
    }
    const std::string_view text = std::string_view(m_buffer).substr(token.begin);
    const ReferenceScan scan = reference_at(text, m_is_last);
    if (scan.is_unknown) {
        return Reference::unknown;
    }
    m_is_behind_colon = text.substr(1).starts_with(':');
    if (!scan.reference || m_map.is_inside_value_of(scan.reference->name, token.begin)) {
        return Reference::none;
    }
    const auto value = expansion_of(*scan.reference, *m_variables);
    if (!value) {
        return Reference::none;
    }
    const std::string source(text.substr(0, scan.reference->size));
    m_map.replace(token.begin, std::string(scan.reference->name), source, value->size());
    m_buffer.replace(token.begin, source.size(), *value);
    return Reference::replaced;
}

void Scanner::begin_copy_data(const Place& command)
{
    m_mode = Mode::before_copy_data;
    m_copy_place = command;
}

std::optional<Item> Scanner::next_meta_command()
{
    const std::size_t end = std::min(m_buffer.find('\n', m_scanned), m_buffer.size());
    if (end == m_buffer.size() && !m_is_last) {
        m_scanned = end;
        check_size();
        return std::nullopt;
    }
    const std::string_view line = std::string_view(m_buffer).substr(m_consumed, end - m_consumed);
    const std::size_t size = meta_command_size(line);
    Item item;
    item.kind = Item::Kind::meta_command;
    item.text = trimmed(line.substr(0, size));
    item.place = place_at(m_consumed);
    item.is_inside_statement = m_is_inside_statement;
    m_mode = std::exchange(m_has_copy_data_next, false) ? Mode::before_copy_data : Mode::sql;
    m_consumed += size + (line.substr(size).starts_with(separator) ? separator.size() : 0);
    m_lexer.restart(m_consumed);
    return item;
}

bool Scanner::skip_to_copy_data()
{
    const std::size_t newline = m_buffer.find('\n', m_consumed);
    if (newline == std::string::npos && !m_is_last) {
        check_size();
        return false;
    }
    const std::string_view line = std::string_view(m_buffer).substr(m_consumed);
    const std::string_view rest = trimmed(line.substr(0, line.find('\n')));
    if (!rest.empty() && !rest.starts_with("--")) {
        throw ScanError(place_at(m_consumed),
                        "more text behind COPY … FROM STDIN: its data begins on the next line");
    }
    m_consumed = std::min(newline, m_buffer.size() - 1) + 1;
    m_mode = Mode::copy_data;
    m_is_inside_line = false;
    return true;
}

std::optional<Item> Scanner::next_copy_data()
{
    const std::string_view text = std::string_view(m_buffer).substr(m_consumed);
    const CopyCut cut = cut_copy_data(text, m_is_inside_line, m_is_last);
    Item item;
    item.place = place_at(m_consumed);
    if (cut.data_end > 0) {
        item.kind = Item::Kind::copy_data;
        item.text = text.substr(0, cut.data_end);
        m_consumed += cut.data_end;
        m_is_inside_line = cut.is_inside_line;
        return item;
    }
    if (cut.mark_end) {
        item.kind = Item::Kind::copy_end;
        m_consumed += *cut.mark_end;
        m_mode = Mode::sql;
        m_lexer.restart(m_consumed);
        return item;
    }
    if (m_is_last) {
        throw ScanError(m_copy_place, "COPY … FROM STDIN without the line \\. that ends its data");
    }
    return std::nullopt;
}

CopyCut cut_copy_data(std::string_view text, bool is_inside_line, bool is_last)
{
    // Backslashes are rarer than lines, as a rule.
    for (std::size_t at = text.find('\\'); at != std::string_view::npos;
         at = text.find('\\', at + 1)) {
        const bool begins_line = at == 0 ? !is_inside_line : text[at - 1] == '\n';
        if (!begins_line) {
            continue;
        }
        std::size_t length = 0;
        switch (begins_with_mark(text.substr(at), is_last, length)) {
        case Answer::yes:
            return {at, at + length, false};
        case Answer::unknown:
            return {at, std::nullopt, false};
        case Answer::no:
            break;
        }
    }
    return {text.size(), std::nullopt, text.empty() ? is_inside_line : text.back() != '\n'};
}

} // namespace crudctl::script
