#pragma once

#include "operation/target.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace crudctl::commands {

/// What a command that makes, replaces or drops a database begins with: the target is said and its
/// name found fit, a session on the maintenance database is open, and the server has been asked.
struct ReplacementTarget {
    /// Takes the survey with these names of roles. Throws what announced_target(),
    /// check_own_name(), Connector and take_survey() throw.
    explicit ReplacementTarget(Context& context,
                               const std::optional<std::set<std::string>>& role_names = {});
    ~ReplacementTarget() = default;
    ReplacementTarget(const ReplacementTarget&) = delete;
    ReplacementTarget& operator=(const ReplacementTarget&) = delete;

    Target target;
    Connector connector;
    /// None where --dry-run found the project's own server not running. The survey then stands for
    /// what the start would lead to: no database on a server that would be made first; on one that
    /// only has to be started the database is taken to be there, since nobody can look.
    std::unique_ptr<pg::Connection> maintenance;
    database::Survey survey;
    std::vector<std::string> preparations; // for the plan
};

/// What a target must fulfil before it is replaced, set aside or copied: a primary, no pooler
/// between, the rights, and nothing that holds on to it. Throws Error that names what is missing.
void require_replaceable(const database::Survey& survey);

/// Of a database that the server doesn't have: throws Error(refused) where a pooler in between
/// knows the name as another database's.
void require_no_alias(ReplacementTarget& ground);

/// Throws Error(refused) where the database is spread over several nodes, so that a swap or a copy
/// would not take all of it. Of one that crudctl built on a server without such an engine that is
/// known without looking inside.
void require_undistributed(ReplacementTarget& ground);

/// Where --dry-run found the project's own server not running, there is nothing to tell: throws
/// Error(connection).
void require_started(const ReplacementTarget& ground);

} // namespace crudctl::commands
