#include "script/sql/statement.hpp"

#include <algorithm>
#include <cstddef>

namespace crudctl::script {

namespace {

constexpr std::string_view empty_line = "\n\n";

/// Copies a statement without its empty lines, which psql passes over unless they are inside quotes
/// or a comment.
class LineCopy {
public:
    LineCopy(std::string_view text, Backslashes backslashes)
        : m_text(text), m_reader(text, backslashes)
    {
        m_copy.reserve(text.size());
    }

    std::string run()
    {
        while (const Token* token = m_reader.next()) {
            copy_blanks(token->begin);
            m_copy += m_text.substr(m_at, token->end - m_at);
            m_at = token->end;
        }
        copy_blanks(m_text.size());
        return std::move(m_copy);
    }

    /// Where in the copy something is left out, and how much.
    struct Gap {
        std::size_t at = 0;
        std::size_t size = 0;
    };
    const std::vector<Gap>& gaps() const noexcept { return m_gaps; }

private:
    /// Blanks and comments up to there.
    void copy_blanks(std::size_t end)
    {
        while (m_at < end) {
            const std::string_view rest = m_text.substr(m_at, end - m_at);
            if (rest.starts_with("/*")) {
                copy(block_comment_size(rest));
            } else if (rest.starts_with("--")) {
                copy(std::min(rest.find('\n'), rest.size()));
            } else if (rest.starts_with('\n') && m_copy.ends_with('\n')) {
                leave_out_newline();
            } else {
                copy(1);
            }
        }
    }

    static std::size_t block_comment_size(std::string_view text)
    {
        std::size_t depth = 0;
        for (std::size_t at = 0; at + 1 < text.size(); ++at) {
            const std::string_view pair = text.substr(at, 2);
            if (pair == "/*") {
                ++depth;
                ++at;
            } else if (pair == "*/") {
                ++at;
                if (--depth == 0) {
                    return at + 1;
                }
            }
        }
        return text.size();
    }

    void copy(std::size_t size)
    {
        m_copy += m_text.substr(m_at, size);
        m_at += size;
    }

    void leave_out_newline()
    {
        if (m_gaps.empty() || m_gaps.back().at != m_copy.size()) {
            m_gaps.push_back({m_copy.size(), 0});
        }
        ++m_gaps.back().size;
        ++m_at;
    }

    std::string_view m_text;
    TokenReader m_reader;
    std::size_t m_at = 0;
    std::string m_copy;
    std::vector<Gap> m_gaps;
};

/// What lies behind a gap moves up; one inside of an expansion is a part of it.
void add_gap(const LineCopy::Gap& gap, std::vector<Expansion>& expansions)
{
    bool is_inside = false;
    for (Expansion& expansion : expansions) {
        if (expansion.begin > gap.at) {
            expansion.begin -= gap.size;
        } else if (expansion.begin + expansion.size > gap.at) {
            expansion.size -= gap.size;
            is_inside = true;
        }
    }
    if (!is_inside) {
        expansions.push_back({gap.at, 0, gap.size});
    }
}

} // namespace

SentText sent_text(std::string_view statement, std::string_view surroundings,
                   std::span<const Expansion> expansions, Backslashes backslashes)
{
    SentText sent;
    // Blanks at the end are sent, where no semicolon is, but not the newline of the last line.
    surroundings = surroundings.substr(0, surroundings.find_last_not_of('\n') + 1);
    const auto before = static_cast<std::size_t>(statement.data() - surroundings.data());
    if (before > 0) {
        sent.expansions.push_back({0, before, 0});
    }
    for (const Expansion& expansion : expansions) {
        sent.expansions.push_back(
            {expansion.begin + before, expansion.size, expansion.source_size});
    }
    if (surroundings.find(empty_line) == std::string_view::npos) {
        sent.text = surroundings;
        return sent;
    }
    LineCopy copy(surroundings, backslashes);
    sent.text = copy.run();
    for (const LineCopy::Gap& gap : copy.gaps()) {
        add_gap(gap, sent.expansions);
    }
    return sent;
}

} // namespace crudctl::script
