#pragma once

#include "pg/error.hpp"
#include "support/terminal/console.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace crudctl::commands {

/// Shows what the server says on the way: so many of each severity that a flood of notices hides
/// no warning. The others are counted.
class ServerNotices {
public:
    /// The console has to outlive it.
    explicit ServerNotices(Console& console) : m_console(console) {}
    ~ServerNotices() { print_rest(); }
    ServerNotices(const ServerNotices&) = delete;
    ServerNotices& operator=(const ServerNotices&) = delete;

    /// `place` is that of the statement which it is about, "sql/schema.sql:12", and `sql` its text,
    /// whose secrets the notice may repeat; both may be empty.
    void print(const pg::Diagnostic& notice, const std::string& place, std::string_view sql);
    /// How many were not shown since it was last said; nothing where that is none.
    void print_rest();

private:
    Console& m_console;
    std::map<std::string, std::size_t> m_counts; // of each severity
    std::map<std::string, std::size_t> m_hidden; // of those
};

} // namespace crudctl::commands
