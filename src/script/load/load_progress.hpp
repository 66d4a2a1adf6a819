#pragma once

#include "script/load/loader.hpp"

#include <cstddef>
#include <functional>

namespace crudctl::script {

/// How far a load has come: counts on from file to file, and tells it as it goes.
class ProgressMeter {
public:
    using Teller = std::function<void(const LoadProgress&)>;

    /// `tell` may be empty, and has to outlive it.
    ProgressMeter(std::size_t total_bytes, const Teller& tell) : m_tell(tell)
    {
        m_now.total_bytes = total_bytes;
    }

    void begin_file() { m_before_file = m_now; }
    /// Nothing of the file counts: it is done once more.
    void begin_file_again() { m_now = m_before_file; }
    void add_statements(std::size_t count) { m_now.statements += count; }
    void add_rows(std::size_t count) { m_now.rows += count; }
    /// So many bytes of the file are done.
    void print_bytes(std::size_t of_file)
    {
        m_now.bytes = m_before_file.bytes + of_file;
        if (m_tell) {
            m_tell(m_now);
        }
    }

    std::size_t statements() const noexcept { return m_now.statements; }
    std::size_t rows_of_file() const noexcept { return m_now.rows - m_before_file.rows; }

private:
    const Teller& m_tell;
    LoadProgress m_now;
    LoadProgress m_before_file;
};

} // namespace crudctl::script
