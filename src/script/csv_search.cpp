#include "script/csv_search.hpp"

#include <algorithm>

namespace crudctl::script {

namespace {

constexpr std::size_t buffer_bytes = std::size_t{64} << 10U;
constexpr std::size_t max_kept_bytes = std::size_t{1} << 20U;

/// Reads a file record by record, and counts lines as editors do and as the server does.
class Reader {
public:
    explicit Reader(const CsvFile& file)
        : m_file(file), m_buffer(buffer_bytes), m_offset(file.begin().offset)
    {}

    bool next()
    {
        m_record.number += m_record.server_line > 0 ? 1 : 0;
        m_record.place = {m_offset + m_at, m_line, m_column};
        m_record.text.clear();
        m_record.is_open = false;
        ++m_record.server_line;
        while (const auto c = take()) {
            m_record.is_open = m_record.is_open != (*c == '"');
            if (!m_record.is_open && (*c == '\n' || *c == '\r')) {
                finish(*c);
                return true;
            }
            m_record.server_line += m_record.is_open && *c == m_counted ? 1 : 0;
            if (m_record.text.size() < max_kept_bytes) {
                m_record.text += *c;
            }
        }
        return !m_record.text.empty();
    }

    const CsvRecord& record() const noexcept { return m_record; }

private:
    void finish(char line_end)
    {
        m_counted = line_end;
        const bool is_pair = line_end == '\r' && peek() == '\n';
        if (is_pair) {
            take();
        }
        m_column =
            line_end == '\n' || is_pair ? 1 : advanced(m_record.place, m_record.text).column + 1;
    }

    std::optional<char> peek()
    {
        if (m_at == m_data.size()) {
            m_offset += m_data.size();
            m_data = m_file.read(m_offset, m_buffer);
            m_at = 0;
        }
        return m_data.empty() ? std::nullopt : std::optional(m_data[m_at]);
    }

    std::optional<char> take()
    {
        const auto c = peek();
        m_at += c ? 1 : 0;
        m_line += c == '\n' ? 1 : 0;
        return c;
    }

    const CsvFile& m_file;
    std::vector<char> m_buffer;
    std::string_view m_data;
    std::size_t m_offset;     // of m_data, in the file
    std::size_t m_at = 0;     // in m_data
    std::size_t m_line = 1;   // of the next record
    std::size_t m_column = 1; // not 1 where lines end in carriage returns alone
    CsvRecord m_record;
    // What the server counts inside quotes: it knows only behind the first record what ends a line,
    // and until then takes it to be a carriage return.
    char m_counted = '\r';
};

} // namespace

Place CsvRecord::place_at(std::size_t byte) const
{
    return advanced(place, std::string_view(text).substr(0, byte));
}

std::optional<CsvRecord> find_csv_record(const CsvFile& file,
                                         const std::function<bool(const CsvRecord&)>& is_wanted)
{
    Reader reader(file);
    while (reader.next()) {
        if (is_wanted(reader.record())) {
            return reader.record();
        }
    }
    return std::nullopt;
}

} // namespace crudctl::script
