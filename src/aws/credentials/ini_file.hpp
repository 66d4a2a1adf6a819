#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// A value of ~/.aws/config or ~/.aws/credentials.
struct IniValue {
    std::string text;
    std::map<std::string, std::string> nested; // of an indented block: `endpoint_url = …`
    std::size_t line = 0;
};

/// By key, in lower case.
using IniSection = std::map<std::string, IniValue, std::less<>>;

enum class IniKind { config, credentials };

/// One of the two files of the AWS tools, as these read it: sections of one name are merged, the
/// last of two equal keys counts, `#` and `;` begin a comment at the start of a line or after a
/// blank, indented lines belong to the key above them. In a config file `[profile x]`, `[default]`,
/// `[sso-session x]` and `[services x]` count, in a credentials file `[x]`; others are skipped.
class IniFile {
public:
    IniFile() = default;

    /// Throws Error(configuration) with `shown` and the line, and without the line's text, which
    /// may be a secret.
    static IniFile parse(std::string_view text, const std::string& shown, IniKind kind);

    /// By kind ("profile", "services", "sso-session") and name; nullptr where there is none.
    const IniSection* find(std::string_view kind, std::string_view name) const;

    const std::string& shown() const noexcept { return m_shown; }

private:
    friend class IniReader;

    std::string m_shown;
    std::map<std::string, IniSection, std::less<>> m_sections; // "profile dev"
};

} // namespace crudctl::aws
