#include "commands/lambda/event.hpp"

#include "support/error.hpp"

#include <fmt/format.h>

namespace crudctl::commands {

namespace {

using nlohmann::json;

constexpr std::size_t escape_length = 6; // of \u0000

bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// The code unit of the \uXXXX that stands here; nothing where none does.
std::optional<unsigned> unit_at(std::string_view text, std::size_t at)
{
    if (at + escape_length > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
        return std::nullopt;
    }
    unsigned unit = 0;
    for (std::size_t i = at + 2; i < at + escape_length; ++i) {
        if (!is_hex(text[i])) {
            return std::nullopt;
        }
        const auto digit =
            static_cast<unsigned>(text[i] <= '9' ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
        unit = unit * 16 + digit;
    }
    return unit;
}

bool is_high(unsigned unit)
{
    return unit >= 0xD800 && unit < 0xDC00;
}

bool is_low(unsigned unit)
{
    return unit >= 0xDC00 && unit < 0xE000;
}

/// JSON may hold half of a surrogate pair, which no character is. An event with one in some field
/// must not become unreadable: it is read as a NUL, which Postgres holds no more than that.
std::string with_whole_characters(std::string_view text)
{
    std::string whole(text);
    for (std::size_t at = whole.find('\\'); at != std::string::npos; at = whole.find('\\', at)) {
        const auto unit = unit_at(whole, at);
        if (!unit) {
            at += 2; // another escape, of a backslash perhaps
            continue;
        }
        const auto next = unit_at(whole, at + escape_length);
        if (is_high(*unit) && next && is_low(*next)) {
            at += 2 * escape_length;
            continue;
        }
        if (is_high(*unit) || is_low(*unit)) {
            whole.replace(at, escape_length, "\\u0000");
        }
        at += escape_length;
    }
    return whole;
}

/// A key may hold dots itself: the longest that is there counts.
const json* find(const json& from, std::string_view path)
{
    if (!from.is_object()) {
        return nullptr;
    }
    for (std::size_t end = path.size(); end != std::string_view::npos && end > 0;
         end = path.rfind('.', end - 1)) {
        const auto found = from.find(std::string(path.substr(0, end)));
        if (found == from.end()) {
            continue;
        }
        if (end == path.size()) {
            return &*found;
        }
        if (const json* inner = find(*found, path.substr(end + 1))) {
            return inner;
        }
    }
    return nullptr;
}

} // namespace

LambdaEvent::LambdaEvent(std::string_view text)
    : m_document(json::parse(with_whole_characters(text), nullptr, false))
{
    if (!m_document.is_object()) {
        throw Error(ExitCode::configuration, "the event is no JSON object",
                    "crudctl lambda event post-confirmation prints one");
    }
}

std::string LambdaEvent::trigger_source() const
{
    const auto found = m_document.find("triggerSource");
    return found != m_document.end() && found->is_string() ? found->get<std::string>()
                                                           : std::string();
}

std::optional<std::string> LambdaEvent::field(std::string_view path) const
{
    const json* found = find(m_document, path);
    if (found == nullptr || found->is_null()) {
        return std::nullopt;
    }
    std::string text = found->is_string() ? found->get<std::string>() : found->dump();
    const bool has_nul = text.find('\0') != std::string::npos ||
                         (!found->is_string() && text.find("\\u0000") != std::string::npos);
    if (has_nul) {
        throw Error(
            ExitCode::configuration,
            fmt::format("\"{}\" of the event holds a character that Postgres cannot hold", path));
    }
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> LambdaEvent::first_field(const std::vector<std::string>& paths) const
{
    for (const std::string& path : paths) {
        if (auto text = field(path)) {
            return text;
        }
    }
    return std::nullopt;
}

} // namespace crudctl::commands
