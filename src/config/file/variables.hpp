#pragma once

#include "support/process/environment.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::config {

/// What a .env file says.
struct Dotenv {
    std::map<std::string, std::string, std::less<>> variables;
    std::vector<std::size_t> ignored_lines; // neither NAME=VALUE nor comment
};

/// Reads `NAME=VALUE` lines: `export` in front is allowed, `#` begins a comment, '…' is literal and
/// "…" knows \n \r \t \" \\ \$; both may span lines. ${NAME} is another variable of the same file,
/// but for '…'; any other `$` stands for itself.
/// Throws Error(configuration) with the place of a quote that is never closed.
Dotenv parse_dotenv(std::string_view text, const std::string& shown);

struct Variable {
    std::string value;
    std::string origin; // "CONNECTION_URL", "CONNECTION_URL in .env"
};

/// The process's environment over the project's .env. An empty variable counts as unset.
///
/// The .env belongs to the project, and may have come with a clone. It gives values to settings and
/// to `${…}`. Everything else reads the real environment alone: programs, paths, proxies,
/// endpoints, certificate authorities and what a person allows (CRUDCTL_TRUST, CRUDCTL_ONLY,
/// CRUDCTL_READ_ONLY). config/README.md says so.
class Variables {
public:
    Variables(Environment real, const Dotenv& dotenv);

    std::optional<Variable> find(std::string_view name) const;
    /// The same from the real environment alone.
    std::optional<Variable> find_real(std::string_view name) const;

    /// The process's own environment.
    const Environment& real() const noexcept { return m_real; }
    /// Both as one: for `${…}`, settings and what looks for names.
    const Environment& with_dotenv() const noexcept { return m_with_dotenv; }
    /// The real one, with what .env says of the AWS account: keys, region and profile are values;
    /// files, endpoints and programs are not.
    Environment for_aws() const;

    /// Every variable that has a value.
    std::vector<std::string> names() const;

private:
    Environment m_real;
    Environment m_with_dotenv;
};

} // namespace crudctl::config
