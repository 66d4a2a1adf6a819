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
    /// Rows of a CSV file for these columns.
    void take_csv(const std::string& table, const std::vector<std::string>& columns);

    /// What the first such statement evaluates, "now()"; empty: there is none so far.
    const std::string& evaluated() const noexcept { return m_evaluated; }
    /// Goes on behind that.
    void forget_evaluated() { m_evaluated.clear(); }

private:
    /// A routine or a view of the files.
    struct Stored {
        std::string what;            // that it evaluates itself; empty: nothing
        std::set<std::string> names; // in it
        bool writes_rows = false;
    };
    struct Table {
        std::vector<std::string> columns;
        bool has_all_columns = true;                 // false: it has some that no word tells
        std::map<std::string, std::string> defaults; // what they evaluate, by column
        std::set<std::string> triggers;              // the functions that rows fire, as "insert f"
        bool has_rows = false;
    };

    void take_create(const Words& words);
    void take_table(const Words& words);
    void take_trigger(const Words& words);
    void take_alter(const Words& words);
    void take_alter_table(const Words& words, std::size_t kind);
    void take_rows(const Words& words);
    void take_insert(const Words& words, std::size_t at);
    void take_change(const Words& words);
    void take_rows_of(const std::string& table, const std::set<std::string>& given);
    Table& described_table(const std::string& name);
    void take_code(const Words& words);
    void take_inserts_in_code(const Words& words);
    static bool keeps_own_name(const Words& words);
    void take_copy_source(const Words& words);
    void store(const Words& words, std::size_t name, int depth);
    void note_column(Table& table, const Words& words, std::size_t begin, std::size_t end);
    void note_literals(const Words& words);
    void inherit(Table& table, const Words& words, std::size_t name) const;
    void fire(const Table& table, std::string_view event);
    void fire_all();
    static std::set<std::string> given_columns(const Words& words, const Table& table,
                                               std::size_t at);

    void evaluate(const Words& words, std::size_t begin, std::size_t end, int depth = 0)
    {
        note(unstable_in(words, begin, end, depth));
    }
    std::string unstable_in(const Words& words, std::size_t begin, std::size_t end,
                            int depth = 0) const;
    std::string word_in(const Words& words, std::size_t at) const;
    std::string what_of(const std::string& name, int depth = 0) const;
    bool writes_rows(const std::string& name, int depth = 0) const;
    bool calls_writer(const Words& words, int depth) const;
    std::string anything_stored() const;
    bool may_matter(std::string_view statement) const;
    void note(const std::string& what);

    Subject m_subject;
    std::map<std::string, Table> m_tables;
    std::map<std::string, Stored> m_stored;
    std::string m_rule;      // what a rule or an event trigger evaluates
    bool m_has_rule = false; // that writes rows
    bool m_has_rows = false; // in any table
    std::string m_evaluated;
};

/// Where a statement of rows (INSERT, SELECT, UPDATE and their like) calls current_database() or
/// says current_catalog for the name's own sake. None where it looks into catalogs, which know the
/// database by the name that it has.
std::vector<Token> own_name_calls(std::string_view statement,
                                  Backslashes backslashes = Backslashes::literal);

} // namespace crudctl::script
