#include "support/text/text_table.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

namespace crudctl {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 8;

void append_cell(std::string& line, const std::string& cell, std::size_t width,
                 TextTable::Align align, bool is_last)
{
    const std::string text = shortened(cell, width);
    const std::string padding(width - std::min(width, display_width(text)), ' ');
    if (align == TextTable::Align::right) {
        line += padding + text;
    } else {
        line += is_last ? text : text + padding;
    }
    line += is_last ? "" : std::string(gap, ' ');
}

} // namespace

TextTable::TextTable(std::vector<Column> columns) : m_columns(std::move(columns)) {}

void TextTable::add(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    for (std::string& cell : cells) {
        cell = printable(cell);
    }
    m_rows.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::widths(std::size_t max_width) const
{
    std::vector<std::size_t> result;
    std::size_t total = gap * (m_columns.size() - 1);
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        std::size_t width = display_width(m_columns[i].heading);
        for (const auto& row : m_rows) {
            width = std::max(width, display_width(row[i]));
        }
        result.push_back(width);
        total += width;
    }
    while (max_width != 0 && total > max_width) {
        std::size_t* widest = nullptr;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            if (m_columns[i].may_shrink && result[i] > narrowest &&
                (widest == nullptr || result[i] > *widest)) {
                widest = &result[i];
            }
        }
        if (widest == nullptr) {
            break;
        }
        --*widest;
        --total;
    }
    return result;
}

std::string TextTable::to_text(std::size_t max_width) const
{
    const std::vector<std::size_t> width = widths(max_width);
    std::vector<std::string> headings;
    for (const Column& column : m_columns) {
        headings.push_back(column.heading);
    }
    std::string result;
    const auto append_row = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            append_cell(line, cells[i], width[i], m_columns[i].align, i + 1 == m_columns.size());
        }
        line.erase(line.find_last_not_of(' ') + 1);
        result += line + "\n";
    };
    append_row(headings);
    for (const auto& row : m_rows) {
        append_row(row);
    }
    return result;
}

} // namespace crudctl
