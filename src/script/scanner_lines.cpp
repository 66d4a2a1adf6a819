#include "script/copy_data.hpp"
#include "script/meta_command.hpp"
#include "script/scanner.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

// The part of a Scanner that reads lines: psql's commands, and the data of COPY.
namespace crudctl::script {

namespace {

constexpr std::string_view separator = "\\\\"; // between a command and what follows on its line

} // namespace

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

} // namespace crudctl::script
