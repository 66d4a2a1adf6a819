#include "aws/credentials/ini_file.hpp"

#include "support/error.hpp"
#include "support/text/text.hpp"

#include <utility>

#include <fmt/format.h>

namespace crudctl::aws {

namespace {

constexpr std::string_view blanks = " \t";

std::string_view without_blanks(std::string_view text)
{
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// Cuts off what begins with # or ; after a blank.
std::string_view without_comment(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool follows_blank = i == 0 || blanks.find(text[i - 1]) != std::string_view::npos;
        if ((text[i] == '#' || text[i] == ';') && follows_blank) {
            return text.substr(0, i);
        }
    }
    return text;
}

std::string without_quotes(std::string_view name)
{
    const bool is_quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
                           name.front() == name.back();
    return std::string(is_quoted ? name.substr(1, name.size() - 2) : name);
}

/// "profile dev" for what stands between the brackets; empty for what doesn't count.
std::string section_name(std::string_view text, IniKind kind)
{
    const std::string_view whole = without_blanks(text);
    if (kind == IniKind::credentials) {
        return "profile " + without_quotes(whole);
    }
    if (whole == "default") {
        return "profile default";
    }
    const std::string_view word = whole.substr(0, whole.find_first_of(blanks));
    const std::string_view rest = without_blanks(whole.substr(word.size()));
    const bool counts = word == "profile" || word == "services" || word == "sso-session";
    return counts && !rest.empty() ? fmt::format("{} {}", word, without_quotes(rest))
                                   : std::string();
}

} // namespace

class IniReader {
public:
    IniReader(const std::string& shown, IniKind kind) : m_kind(kind) { m_file.m_shown = shown; }

    IniFile read(std::string_view text)
    {
        while (!text.empty()) {
            const auto end = text.find('\n');
            read_line(text.substr(0, end));
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
        return std::move(m_file);
    }

private:
    void read_line(std::string_view line)
    {
        ++m_line;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (without_blanks(line).empty() || line.front() == '#' || line.front() == ';') {
            return;
        }
        if (blanks.find(line.front()) != std::string_view::npos) {
            continue_value(without_blanks(line));
        } else if (line.front() == '[') {
            begin_section(line);
        } else {
            read_value(line);
        }
    }

    void begin_section(std::string_view line)
    {
        const auto end = line.find(']');
        if (end == std::string_view::npos) {
            refuse("the section's name does not end with \"]\"");
        }
        const std::string_view inside = without_blanks(line.substr(1, end - 1));
        const std::string name = section_name(inside, m_kind);
        m_value = nullptr;
        m_is_in_section = true;
        m_section = nullptr;
        if (name.empty() || is_overruled(name, inside)) {
            return;
        }
        m_section = &m_file.m_sections[name];
    }

    /// [profile default] counts, and then [default] doesn't.
    bool is_overruled(const std::string& name, std::string_view inside)
    {
        if (m_kind == IniKind::credentials || name != "profile default") {
            return false;
        }
        if (inside == "default") {
            return m_has_prefixed_default;
        }
        if (!std::exchange(m_has_prefixed_default, true)) {
            m_file.m_sections.erase(name);
        }
        return false;
    }

    void read_value(std::string_view line)
    {
        if (!m_is_in_section) {
            refuse("a setting stands before the first [section]");
        }
        const auto [key, text] = split(line);
        const std::string value(without_blanks(without_comment(text)));
        m_value = nullptr;
        if (m_section != nullptr) {
            m_value = &((*m_section)[lower_ascii(key)] = {value, {}, m_line});
        }
    }

    void continue_value(std::string_view line)
    {
        if (!m_is_in_section) {
            refuse("a setting stands before the first [section]");
        }
        if (m_section == nullptr || line.front() == '#' || line.front() == ';') {
            return;
        }
        if (m_value == nullptr) {
            refuse("an indented line without a setting above it");
        }
        if (!m_value->text.empty()) {
            m_value->text += fmt::format("\n{}", line);
            return;
        }
        const auto [key, text] = split(line);
        m_value->nested[lower_ascii(key)] = std::string(without_blanks(text));
    }

    std::pair<std::string, std::string_view> split(std::string_view line) const
    {
        const auto end = line.find('=');
        if (end == std::string_view::npos) {
            refuse("a line without \"=\"");
        }
        const std::string_view key = without_blanks(line.substr(0, end));
        if (key.empty()) {
            refuse("a setting without a name");
        }
        return {std::string(key), line.substr(end + 1)};
    }

    [[noreturn]] void refuse(std::string_view why) const
    {
        throw Error(ExitCode::configuration, fmt::format("{}:{}: {}", m_file.m_shown, m_line, why));
    }

    IniKind m_kind;
    IniFile m_file;
    std::size_t m_line = 0;
    bool m_is_in_section = false;
    bool m_has_prefixed_default = false;
    IniSection* m_section = nullptr; // null in one that doesn't count
    IniValue* m_value = nullptr;     // the last one, which indented lines belong to
};

IniFile IniFile::parse(std::string_view text, const std::string& shown, IniKind kind)
{
    return IniReader(shown, kind).read(text);
}

const IniSection* IniFile::find(std::string_view kind, std::string_view name) const
{
    const auto found = m_sections.find(fmt::format("{} {}", kind, name));
    return found == m_sections.end() ? nullptr : &found->second;
}

} // namespace crudctl::aws
