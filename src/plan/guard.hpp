#pragma once

#include "database/permit.hpp"
#include "database/survey.hpp"
#include "plan/author.hpp"
#include "plan/plan.hpp"
#include "support/terminal/console.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace crudctl::plan {

/// Why a target is protected; nothing where it isn't.
using ProtectedBecause = std::optional<std::string>;

/// The live server's say: a mark that says prod protects a target whatever its profile says, and
/// whichever database it was written for. A managed service's roles, or an answer from a public
/// address, do unless the profile says `protected = false` (`declared_false`) and there is no
/// database, or it has a mark of its own by which somebody, or the run that made it, says that it
/// is something else.
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
    std::optional<std::string> same_database;
    /// Finds that out by looking where the protected profiles lead: for what destroys. May be
    /// empty.
    std::function<std::optional<std::string>()> find_same_database;
    /// The plan takes protection away: a person has to type it, whether or not anything else
    /// protects the target, and no id will do.
    bool needs_person = false;
    /// The profile says `protected = false`, but no word counts for the database: a person's would.
    bool lacks_word = false;
    std::string unmarked; // of a protected database that nobody marked: what to do about it
    /// The command that marks the target, but for what it is marked as.
    std::string mark_command;
    bool profile_is_on_command_line = false;
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
    std::string advice(const std::string& text) const;
    void require_no_other_protection(const Circumstances& circumstances) const;
    void require_meant(const Plan& plan, const Circumstances& circumstances) const;
    void require_allowed(const Plan& plan, const Circumstances& circumstances) const;
    static void require_clear_target(const Plan& plan, const Circumstances& circumstances);
    void confirm(const Plan& plan, const Circumstances& circumstances, bool is_given,
                 const std::string& id);
    void confirm_copy(const database::Copy& copy);

    Console& m_console;
};

/// What a person sees before the question: where, what is there, who is on it, what comes instead,
/// and whether undo reaches it. It fits the terminal; whatever the texts hold, each line is ours.
void show_guard_screen(Console& console, const Plan& plan, const Circumstances& circumstances);

} // namespace crudctl::plan
