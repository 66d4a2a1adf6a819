#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <stdexcept>
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
        point_to(m_texts);
    }
    /// These have to outlive it. Throws std::logic_error where one has a NUL byte, which would cut
    /// it off unseen.
    explicit Params(std::span<const std::optional<std::string>> values)
    {
        for (const auto& value : values) {
            if (value && value->find('\0') != std::string::npos) {
                throw std::logic_error("a value has a NUL byte");
            }
        }
        point_to(values);
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

    void point_to(std::span<const std::optional<std::string>> texts)
    {
        for (const auto& text : texts) {
            m_values.push_back(text ? text->c_str() : nullptr);
        }
    }

    std::vector<std::optional<std::string>> m_texts;
    std::vector<const char*> m_values;
};

} // namespace crudctl::pg
