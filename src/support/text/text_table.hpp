#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace crudctl {

/// Rows under headings, aligned by display width. Cells are made printable on the way in, so that
/// text from a server can go straight into one.
class TextTable {
public:
    enum class Align { left, right };
    struct Column {
        std::string heading;
        Align align = Align::left;
        bool may_shrink = false; // cut with `…` where the table is wider than the screen
    };

    explicit TextTable(std::vector<Column> columns);

    /// As many cells as there are columns.
    void add(std::vector<std::string> cells);

    bool empty() const noexcept { return m_rows.empty(); }

    /// Lines of at most max_width columns as far as the shrinkable columns allow; 0 is no limit.
    std::string to_text(std::size_t max_width = 0) const;

private:
    std::vector<std::size_t> widths(std::size_t max_width) const;

    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace crudctl
