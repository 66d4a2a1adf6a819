#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::pg {

template <typename T>
concept Parameter = std::convertible_to<const T&, std::string_view> || std::integral<T> ||
    std::same_as<T, std::nullopt_t>;

/// The values for $1…$n, as text; owns its strings, so temporaries are safe.
class Params {
public:
    template <Parameter... Ts>
    explicit Params(const Ts&... values)
    {
        (m_texts.push_back(text_of(values)), ...);
        for (const auto& text : m_texts) {
            m_values.push_back(text ? text->c_str() : nullptr);
        }
    }
    ~Params() = default;
    Params(const Params&) = delete;
    Params& operator=(const Params&) = delete;

    int size() const noexcept { return static_cast<int>(m_values.size()); }
    const char* const* values() const noexcept { return m_values.data(); }

private:
    template <Parameter T>
    static std::optional<std::string> text_of(const T& value)
    {
        if constexpr (std::same_as<T, std::nullopt_t>) {
            return std::nullopt;
        } else if constexpr (std::same_as<T, bool>) {
            return value ? "true" : "false";
        } else if constexpr (std::integral<T>) {
            return std::to_string(value);
        } else {
            return std::string(std::string_view(value));
        }
    }

    std::vector<std::optional<std::string>> m_texts;
    std::vector<const char*> m_values;
};

} // namespace crudctl::pg
