#include "script/source/source_excerpt.hpp"

#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t tab_stop = 4;
constexpr std::size_t least_width = 20;
constexpr std::size_t excerpt_window_bytes = std::size_t{64}
                                             << 10U; // more than three lines as a rule
constexpr std::string_view cut_mark = "…";
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Line {
    std::size_t begin = 0;
    std::size_t end = 0; // without its newline
};

Line line_around(std::string_view text, std::size_t at)
{
    const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
    Line line{before == std::string_view::npos ? 0 : before + 1,
              std::min(text.find('\n', at), text.size())};
    if (line.end > line.begin && text[line.end - 1] == '\r') {
        --line.end;
    }
    return line;
}

/// A part of a line as it is shown; bytes and columns are no longer the same thing.
struct Shown {
    std::string text;
    std::size_t caret = 0; // columns before the character in question
};

/// A letter to Postgres, and a blank to the eye.
bool looks_blank(char32_t c)
{
    return c == 0x00A0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

/// What a character is shown as, `column` columns behind the margin.
std::string shown_character(std::string_view character, std::size_t column)
{
    if (character == "\t") {
        return fmt::format("{:{}}", "", tab_stop - column % tab_stop);
    }
    const Utf8Character read = utf8_at(character, 0);
    return read.valid && looks_blank(read.code_point)
               ? fmt::format("\\u{:04x}", static_cast<unsigned>(read.code_point))
               : printable(character);
}

bool is_inside_character(std::string_view text, std::size_t at)
{
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
}

/// Shows line[from…] until `width` columns are full; at is where the caret goes.
Shown shown_from(std::string_view line, std::size_t from, std::size_t at, std::size_t width)
{
    Shown shown;
    std::size_t column = 0;
    if (from > 0) {
        shown.text = cut_mark;
        column = 1;
    }
    shown.caret = column;
    while (from < line.size()) {
        const std::string_view character = line.substr(from, utf8_at(line, from).length);
        const std::string cell = shown_character(character, column);
        const std::size_t cell_width = display_width(cell);
        const bool is_last = from + character.size() == line.size();
        if (column + cell_width + (is_last ? 0 : 1) > width) {
            shown.text += cut_mark;
            break;
        }
        shown.text += cell;
        column += cell_width;
        from += character.size();
        if (from <= at) {
            shown.caret = column;
        }
    }
    return shown;
}

/// The part of the line around `at`: from its beginning where that fits, otherwise with some two
/// thirds of the width before the caret.
Shown shown_around(std::string_view line, std::size_t at, std::size_t width)
{
    // No character takes fewer columns than a combining one, of which nobody writes many.
    const std::string_view head = line.substr(0, at);
    if (at <= 4 * width && shown_from(head, 0, at, 4 * at + 4).caret + 2 < width) {
        return shown_from(line, 0, at, width);
    }
    std::size_t from = at;
    std::size_t before = 0;
    while (from > 0 && before < width * 2 / 3) {
        --from;
        while (from > 0 && is_inside_character(line, from)) {
            --from;
        }
        const std::string_view character = line.substr(from, utf8_at(line, from).length);
        before += character == "\t" ? tab_stop : display_width(shown_character(character, 0));
    }
    return shown_from(line, from, at, width);
}

std::string with_margin(std::string_view number, std::size_t margin, std::string_view text)
{
    return fmt::format("{:>{}} |{}{}", number, margin, text.empty() ? "" : " ", text);
}

} // namespace

std::vector<std::string> source_excerpt(std::string_view text, const Place& place,
                                        std::size_t columns)
{
    std::size_t at = std::min(place.offset, text.size());
    if (text.starts_with(byte_order_mark) && at >= byte_order_mark.size()) {
        text.remove_prefix(byte_order_mark.size());
        at -= byte_order_mark.size();
    }
    const MaskedSql masked = masked_sql(text, at);
    text = masked.text;
    at = masked.at;
    const Line line = line_around(text, at);
    const std::string last_number = std::to_string(place.line + 1);
    const std::size_t margin = last_number.size() + 2;
    const std::size_t width = std::max(columns, margin + 3 + least_width) - margin - 3;

    std::vector<std::string> lines;
    const auto add_neighbour = [&](const Line& neighbour, std::size_t number) {
        const auto content = text.substr(neighbour.begin, neighbour.end - neighbour.begin);
        lines.push_back(
            with_margin(std::to_string(number), margin, shown_from(content, 0, 0, width).text));
    };
    if (line.begin > 0) {
        add_neighbour(line_around(text, line.begin - 1), place.line - 1);
    }
    const auto content = text.substr(line.begin, line.end - line.begin);
    const Shown shown = shown_around(content, std::min(at - line.begin, content.size()), width);
    lines.push_back(with_margin(std::to_string(place.line), margin, shown.text));
    lines.push_back(with_margin("", margin, std::string(shown.caret, ' ') + "^"));
    const std::size_t next = text.find('\n', at);
    if (next != std::string_view::npos && next + 1 < text.size()) {
        add_neighbour(line_around(text, next + 1), place.line + 1);
    }
    return lines;
}

std::vector<std::string> source_excerpt(const TextReader& read, const Place& place,
                                        std::size_t columns)
{
    const std::size_t begin = place.offset - std::min(place.offset, excerpt_window_bytes);
    std::string window(2 * excerpt_window_bytes, '\0');
    window.resize(read(begin, window));
    Place inside = place;
    inside.offset -= begin;
    return source_excerpt(window, inside, columns);
}

} // namespace crudctl::script
