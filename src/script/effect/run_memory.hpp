#pragma once

#include "script/sql/words.hpp"

#include <cstddef>
#include <set>
#include <string>

namespace crudctl::script {

/// What the plain CREATEs of a run's files have made so far: nothing of what was there can be
/// changed by what is done to that. A name counts as it is written: whether `t` and `public.t` are
/// one table only the server knows.
class RunMemory {
public:
    enum class Kind { relation, routine, type };

    /// `signature` tells routines of one name apart.
    void note_made(Kind kind, const WrittenName& name, const std::string& signature = {});
    bool has_made(Kind kind, const WrittenName& name, const std::string& signature = {}) const;

    /// A function of that name is there from now on, whoever made it.
    void note_function(const std::string& name) { m_functions.insert(name); }
    bool has_function(const std::string& name) const { return m_functions.contains(name); }
    void note_extension(const std::string& name, const std::string& schema);

    /// Whether a call of that function can only be one of the list's: it says pg_catalog, or the
    /// file made none of that name and lets pg_catalog be searched first; or an extension that the
    /// run's files make has it.
    bool is_safe_call(const std::string& schema, const std::string& name) const;

    /// Names without a schema may mean something else from here on.
    void forget_unqualified();
    /// What was made may be gone again: ROLLBACK.
    void forget() { m_made.clear(); }
    /// SET LOCAL ends with it.
    void note_commit();
    /// SET search_path = …, set_config('search_path', …).
    void note_search_path(const Words& statement);
    /// Each file begins with the settings of the log-in.
    void begin_file();

private:
    std::set<std::string> m_made; // kind, names and signature
    std::set<std::string> m_functions;
    std::set<std::string> m_extensions;      // by name
    std::set<std::string> m_extension_paths; // schema.extension
    bool m_has_path = false;                 // set by the file
    bool m_is_catalog_first = true;
};

} // namespace crudctl::script
