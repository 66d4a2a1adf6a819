#pragma once

#include "script/effect/stored_code.hpp"
#include "script/sql/words.hpp"

#include <cstddef>
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
    /// Rows of a CSV file for these columns.
    void take_csv(const std::string& table, const std::vector<std::string>& columns);

    /// What the first such statement evaluates, "now()"; empty: there is none so far.
    const std::string& evaluated() const noexcept { return m_evaluated; }
    /// Goes on behind that.
    void forget_evaluated() { m_evaluated.clear(); }

private:
    void take_create(const Words& words);
    void take_table(const Words& words);
    void take_trigger(const Words& words);
    void take_alter(const Words& words);
    void take_alter_table(const Words& words, std::size_t kind);
    void take_rows(const Words& words);
    void take_insert(const Words& words, std::size_t at);
    void take_change(const Words& words);
    void take_rows_of(const std::string& name, const std::set<std::string>& given);
    void take_code(const Words& words);
    void take_inserts_in_code(const Words& words);
    void take_copy_source(const Words& words);
    void store(const Words& words, std::size_t name, int depth);
    void note_column(StoredCode::Table& table, const Words& words, std::size_t begin,
                     std::size_t end);
    void note_literals(const Words& words);
    void inherit(StoredCode::Table& table, const Words& words, std::size_t name);
    void fire(const StoredCode::Table& table, std::string_view event);
    void fire_all();
    static std::set<std::string> given_columns(const Words& words, const StoredCode::Table& table,
                                               std::size_t at);

    void evaluate(const Words& words, std::size_t begin, std::size_t end, int depth = 0)
    {
        note(unstable_in(words, begin, end, depth));
    }
    std::string unstable_in(const Words& words, std::size_t begin, std::size_t end,
                            int depth = 0) const;
    std::string word_in(const Words& words, std::size_t at) const;
    bool calls_writer(const Words& words, int depth) const;
    void note_anything();
    bool may_matter(std::string_view statement) const;
    void note(const std::string& what);

    Subject m_subject;
    StoredCode m_stored;
    std::string m_rule;      // what a rule or an event trigger evaluates
    bool m_has_rule = false; // that writes rows
    bool m_has_rows = false; // in any table
    std::string m_evaluated;
};

} // namespace crudctl::script
