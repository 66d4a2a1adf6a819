#pragma once

#include "database/survey.hpp"
#include "operation/target.hpp"
#include "plan/guard.hpp"

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace crudctl::commands {

/// A copy's name on a command line.
struct CopyName {
    std::optional<std::string> word;   // where other commands take a profile
    std::optional<std::string> option; // --name: certainly a name

    bool is_given() const noexcept { return word || option; }
    const std::string& text() const { return option ? *option : word.value(); }
};

/// Declares both ways to name it.
void declare_copy_name(CLI::App& command, CopyName& name, const std::string& description);

/// Throws Error(usage) for the name of a profile, unless it is given by --name, and for an empty
/// one. `verb` is the command's.
void require_copy_name(const Context& context, const std::string& verb, const CopyName& name);

/// The copy that people mean by a name: the one under which it was saved, or the database's. One
/// that only says that it is a copy goes by its database's name alone. Null where there is none.
const database::Copy* find_copy(const database::Survey& survey, const std::string& name);

/// The same; throws Error(usage) with the names that there are, and Error(refused) for somebody's
/// database.
const database::Copy& copy_named(const Target& target, const database::Survey& survey,
                                 const std::string& name);

/// What protects one of the copies, through whichever profile they are reached: a copy is as
/// protected as the database was.
plan::ProtectedBecause protection_of(const std::vector<database::Copy>& copies);

/// Those that a person has to confirm by their full names.
std::vector<database::Copy> unproven_of(const std::vector<database::Copy>& copies);

} // namespace crudctl::commands
