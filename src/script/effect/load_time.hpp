#pragma once

#include "script/sql/words.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// Finds what files evaluate while they load. What is only stored (a default, a view, a function's
/// body) doesn't count until a later statement of the same files has it evaluated. Where words
/// alone don't tell, it counts.
class LoadTimeScan {
public:
    enum class Subject {
        /// What makes the same files build another database at another time or place: the clock,
        /// randomness, the server's files, the catalogs that all its databases share.
        moment,
        /// The name of the database at hand, where it can't be put in as a literal: see
        /// own_name_calls().
        own_name,
    };

    explicit LoadTimeScan(Subject subject) : m_subject(subject) {}

    void take(std::string_view statement, Backslashes backslashes = Backslashes::literal);

    /// What the first such statement evaluates, "now()"; empty: there is none so far.
    const std::string& evaluated() const noexcept { return m_evaluated; }
    /// Goes on behind that.
    void forget_evaluated() { m_evaluated.clear(); }

private:
    void take_create(const Words& words);
    void take_table(const Words& words);
    void take_alter(const Words& words);
    void take_rows(const Words& words);
    void take_insert(const Words& words, std::size_t at);
    std::set<std::string> given_columns(const Words& words, const std::string& table,
                                        std::size_t at) const;
    void take_code(const Words& words);
    void take_copy_source(const Words& words);
    void store(const Words& words, std::size_t name, int depth);
    void note_default(const std::string& table, const Words& words, std::size_t begin,
                      std::size_t end);
    void note_default_literals(const Words& words, std::size_t begin, std::size_t end);
    void inherit_defaults(const std::string& table, const Words& words, std::size_t name);
    std::string stored_in(const Words& words) const;
    std::string word_in(const Words& words, std::size_t at) const;
    bool may_matter(std::string_view statement) const;
    void evaluate(const Words& words, std::size_t begin, std::size_t end, int depth = 0)
    {
        note(unstable_in(words, begin, end, depth));
    }
    std::string unstable_in(const Words& words, std::size_t begin, std::size_t end,
                            int depth = 0) const;
    void note(const std::string& what);

    Subject m_subject;
    /// What the defaults of each table evaluate, by column.
    std::map<std::string, std::map<std::string, std::string>> m_defaults;
    std::map<std::string, std::vector<std::string>> m_columns; // of tables with such defaults
    /// What functions, views and domains of the files evaluate when they are used, by name.
    std::map<std::string, std::string> m_stored;
    std::string m_trigger; // what a trigger or a rule evaluates
    bool m_has_rows = false;
    std::string m_evaluated;
};

/// Where a statement of rows (INSERT, SELECT, UPDATE and their like) calls current_database() or
/// says current_catalog for the name's own sake. None where it looks into catalogs, which know the
/// database by the name that it has.
std::vector<Token> own_name_calls(std::string_view statement,
                                  Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
