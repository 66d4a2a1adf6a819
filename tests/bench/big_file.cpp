#include "bench/big_file.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

constexpr std::size_t flush_bytes = std::size_t{1} << 20U;

/// Writes through a buffer, and knows how much that was.
class Writer {
public:
    explicit Writer(const std::string& path) : m_file(path, std::ios::binary) {}
    void add(std::string_view text)
    {
        m_buffer += text;
        m_bytes += text.size();
        if (m_buffer.size() >= flush_bytes) {
            flush();
        }
    }
    std::size_t bytes() const noexcept { return m_bytes; }

    void finish()
    {
        flush();
        m_file.close();
        if (!m_file) {
            throw std::runtime_error("cannot write a file for the measurement");
        }
    }

private:
    void flush()
    {
        m_file.write(m_buffer.data(), static_cast<std::streamsize>(m_buffer.size()));
        m_buffer.clear();
    }

    std::ofstream m_file;
    std::string m_buffer;
    std::size_t m_bytes = 0;
};

/// A number with no order in it, the same in every run.
std::size_t scattered(std::size_t row)
{
    constexpr std::size_t prime = 2654435761;
    return row * prime % 1000000007;
}

} // namespace

const char* const events_table =
    "create table events (id bigint, account bigint, kind text, note text);\n";

std::size_t write_inserts(const std::string& path, std::size_t bytes, std::size_t rows_each)
{
    Writer writer(path);
    writer.add(events_table);
    std::size_t rows = 0;
    while (writer.bytes() < bytes) {
        for (std::size_t i = 0; i < rows_each; ++i, ++rows) {
            writer.add(
                fmt::format("{}({}, {}, 'kind {}', 'It''s what happened to account {}; no more.')",
                            i == 0 ? "INSERT INTO public.events VALUES " : ",\n", rows,
                            scattered(rows), rows % 7, scattered(rows)));
        }
        writer.add(";\n");
    }
    writer.finish();
    return rows;
}

std::size_t write_copy(const std::string& path, std::size_t bytes)
{
    Writer writer(path);
    writer.add(events_table);
    writer.add("COPY public.events (id, account, kind, note) FROM stdin;\n");
    std::size_t rows = 0;
    for (; writer.bytes() < bytes; ++rows) {
        writer.add(fmt::format("{}\t{}\tkind {}\tIt's what happened to account {}; no more.\n",
                               rows, scattered(rows), rows % 7, scattered(rows)));
    }
    writer.add("\\.\n");
    writer.finish();
    return rows;
}

void write_csv(const std::string& path, std::size_t rows)
{
    Writer writer(path);
    writer.add("id,account,kind,note\n");
    for (std::size_t row = 0; row < rows; ++row) {
        writer.add(fmt::format("{},{:010},kind {},\"What happened to account {:010}, no more\"\n",
                               row, scattered(row), row % 7, scattered(row)));
    }
    writer.finish();
}

} // namespace crudctl::bench
