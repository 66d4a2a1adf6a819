#include "pg/result.hpp"

#include <charconv>
#include <stdexcept>

namespace crudctl::pg {

std::optional<std::string_view> Row::operator[](const char* column) const
{
    const int number = PQfnumber(m_result, column);
    if (number < 0) {
        throw std::logic_error(std::string("the result has no column ") + column);
    }
    return field(static_cast<std::size_t>(number));
}

std::optional<std::string_view> Row::field(std::size_t column) const
{
    const int number = static_cast<int>(column);
    if (PQgetisnull(m_result, m_row, number) == 1) {
        return std::nullopt;
    }
    return std::string_view(PQgetvalue(m_result, m_row, number),
                            static_cast<std::size_t>(PQgetlength(m_result, m_row, number)));
}

std::string Row::text(const char* column) const
{
    return std::string((*this)[column].value_or(std::string_view()));
}

bool Row::is_true(const char* column) const
{
    return (*this)[column] == "t";
}

long long Row::number(const char* column) const
{
    const std::string_view digits = (*this)[column].value_or("0");
    long long value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::size_t Result::size() const noexcept
{
    return static_cast<std::size_t>(PQntuples(m_handle.get()));
}

std::vector<Column> Result::columns() const
{
    std::vector<Column> columns;
    columns.reserve(static_cast<std::size_t>(PQnfields(m_handle.get())));
    for (int i = 0; i < PQnfields(m_handle.get()); ++i) {
        columns.push_back({PQfname(m_handle.get(), i), PQftype(m_handle.get(), i)});
    }
    return columns;
}

std::vector<unsigned> Result::parameter_types() const
{
    std::vector<unsigned> types;
    types.reserve(static_cast<std::size_t>(PQnparams(m_handle.get())));
    for (int i = 0; i < PQnparams(m_handle.get()); ++i) {
        types.push_back(PQparamtype(m_handle.get(), i));
    }
    return types;
}

std::size_t Result::affected_rows() const noexcept
{
    const std::string_view digits = PQcmdTuples(m_handle.get());
    std::size_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string Result::command_tag() const
{
    return PQcmdStatus(m_handle.get());
}

Row Result::operator[](std::size_t row) const noexcept
{
    return {m_handle.get(), static_cast<int>(row)};
}

std::optional<std::string> Result::scalar() const
{
    if (size() != 1) {
        throw std::logic_error("scalar() needs exactly one row");
    }
    if (PQgetisnull(m_handle.get(), 0, 0) == 1) {
        return std::nullopt;
    }
    return PQgetvalue(m_handle.get(), 0, 0);
}

} // namespace crudctl::pg
