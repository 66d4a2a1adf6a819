#pragma once

#include "database/permit.hpp"
#include "database/survey.hpp"
#include "plan/author.hpp"
#include "plan/plan.hpp"
#include "support/console.hpp"

#include <optional>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Why a target is protected; nothing where it isn't.
using ProtectedBecause = std::optional<std::string>;

/// The live server's say: a marker that says prod protects a target whatever its profile says. A
/// managed service's roles, or an answer from a public address, do unless the profile says
/// `protected = false` (`declared_false`) and the marker of the database, if there is one, agrees.
ProtectedBecause protection_of(const ProtectedBecause& by_profile, bool declared_false,
                               const database::ShortSurvey& survey);

/// What a person is shown before the question, each a line: label and text.
struct Fact {
    std::string label;
    std::string text;
};

/// Everything that a judgement needs beside the plan.
struct Circumstances {
    ProtectedBecause protection;
    bool is_profile_protected = false; // by the file or its name, not by what the server says
    bool is_marked_prod = false;
    bool is_marker_broken = false;
    std::optional<database::Freeze> freeze; // that holds now
    /// Of a profile that isn't protected: how it is known to lead where a protected one does.
    std::optional<std::string> twin;
    bool profile_is_on_command_line = false;
    bool has_several_hosts = false;
    std::optional<std::string> confirm; // --confirm: the phrase, with or without `#` and an id
    std::vector<Fact> facts;
    Author author; // for the server's log
};

/// Decides whether a plan may run, by what it does and what it does it to, and asks where somebody
/// must be asked. The only maker of Permits.
class Guard {
public:
    explicit Guard(Console& console) : m_console(console) {}

    /// Throws Error(refused) where the answer is no, from the rules or from a person.
    database::Permit judge(const Plan& plan, const Circumstances& circumstances);

private:
    void confirm(const Plan& plan, const Circumstances& circumstances);

    Console& m_console;
};

} // namespace crudctl::plan
