#pragma once

#include <string>
#include <string_view>

namespace crudctl::config {

/// Finds the name of a project's database: the first that a source gives, in the order in which
/// they are added. A name that each server has, such as `postgres`, is none.
class NameSearch {
public:
    void add(std::string name, std::string origin);
    /// The database of a connection URL.
    void add_url(const std::string& url, std::string origin);
    /// What a script makes: CREATE DATABASE name, or createdb name.
    void add_script(std::string_view text, std::string origin);

    /// Empty where no source gave one.
    const std::string& name() const noexcept { return m_name; }
    /// Where it comes from, for people.
    const std::string& origin() const noexcept { return m_origin; }

private:
    std::string m_name;
    std::string m_origin;
};

/// A folder's name as that of a database: "my_app" for "My App".
std::string tame_name(std::string_view folder);

} // namespace crudctl::config
