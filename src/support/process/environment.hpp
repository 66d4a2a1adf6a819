#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl {

/// The environment variables of this run, as data: main reads the process's own once, tests make
/// one. Nothing below main calls getenv().
class Environment {
public:
    Environment() = default;
    explicit Environment(std::map<std::string, std::string, std::less<>> variables);

    /// From a C environment (`environ`).
    static Environment from_process(const char* const* variables);

    /// The variable's value; an empty one counts as unset, as in the shell's ${NAME:-…}.
    std::optional<std::string> value(std::string_view name) const;

    void set(std::string name, std::string value);
    void erase(std::string_view name);

    const std::map<std::string, std::string, std::less<>>& variables() const noexcept
    {
        return m_variables;
    }

private:
    std::map<std::string, std::string, std::less<>> m_variables;
};

/// The variable by which a CI service or a coding agent says that it runs this process; nothing
/// where none does. It may have given it a terminal, but no person sits at that. `environment` is
/// the process's own, without any file's.
std::optional<std::string> automation_variable(const Environment& environment);

} // namespace crudctl
