#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

namespace crudctl::pg {

/// Frees what libpq handed out; as a type, so that the owner stays as small as a pointer.
template <auto Close>
struct Closer {
    template <typename T>
    void operator()(T* handle) const noexcept
    {
        Close(handle);
    }
};

using ConnHandle = std::unique_ptr<PGconn, Closer<PQfinish>>;
using ResultHandle = std::unique_ptr<PGresult, Closer<PQclear>>;
using OptionsHandle = std::unique_ptr<PQconninfoOption, Closer<PQconninfoFree>>;
using CancelHandle = std::unique_ptr<PGcancel, Closer<PQfreeCancel>>;
using TextHandle = std::unique_ptr<char, Closer<PQfreemem>>;

/// What the server says of a column. The type is an OID of pg_type, of a domain that of what it is
/// made of.
struct Column {
    std::string name;
    unsigned type = 0;
};

/// One row of a Result; valid as long as the Result lives.
class Row {
public:
    Row(const PGresult* result, int row) noexcept : m_result(result), m_row(row) {}

    /// The column's text; nothing is SQL null. An unknown column is our own mistake: it throws
    /// std::logic_error.
    std::optional<std::string_view> operator[](const char* column) const;
    /// The same by the column's place, from 0.
    std::optional<std::string_view> field(std::size_t column) const;
    /// The same with null as an empty string.
    std::string text(const char* column) const;
    /// A boolean column; null is false.
    bool is_true(const char* column) const;
    /// A whole number; null is 0.
    long long number(const char* column) const;

private:
    const PGresult* m_result;
    int m_row;
};

/// Rows that the server sent. A Result never holds a failure: that became a ServerError.
class Result {
public:
    explicit Result(ResultHandle handle) noexcept : m_handle(std::move(handle)) {}

    std::size_t size() const noexcept;
    bool empty() const noexcept { return size() == 0; }
    /// None where the statement gives no rows, as an INSERT without RETURNING.
    std::vector<Column> columns() const;
    /// Of a statement that was described: the type of each $n.
    std::vector<unsigned> parameter_types() const;
    /// Rows that an INSERT, UPDATE, DELETE or COPY touched.
    std::size_t affected_rows() const noexcept;
    /// "INSERT 0 3", "CREATE TABLE"; what ended the statement.
    std::string command_tag() const;
    /// row must be below size().
    Row operator[](std::size_t row) const noexcept;
    /// The first field of the only row; nothing where it is null. Throws std::logic_error where
    /// there isn't exactly one row.
    std::optional<std::string> scalar() const;

private:
    ResultHandle m_handle;
};

} // namespace crudctl::pg
