#pragma once

#include "script/sql/lexer.hpp"

#include <set>
#include <string>
#include <string_view>

namespace crudctl::script {

/// The roles that statements speak of, as the server folds their names.
struct RoleNames {
    /// An owner, who gets and loses privileges, a member, whom a policy or default privileges are
    /// for, whom a session becomes. Words of the grammar, PUBLIC and CURRENT_USER, are none.
    std::set<std::string> wanted;
    std::set<std::string> made; // by CREATE ROLE

    void add(std::string_view statement, Backslashes backslashes = Backslashes::literal);
};

} // namespace crudctl::script
