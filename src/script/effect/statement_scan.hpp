#pragma once

#include "script/sql/words.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What kind of statement it is, as far as names before a parenthesis mean something else there.
enum class StatementShape {
    query, // SELECT, INSERT, WITH, COPY (…): and everything that isn't one of the others
    copy,
    alter,
    create_table,
    create_index,
    create_view,
    create_other,
};

/// Finds in a statement's tokens, at any depth and outside strings, what its first words don't say:
/// a DELETE, UPDATE, MERGE or TRUNCATE, and the call of a function. Where it is unclear whether a
/// word is a verb, or a name a function's, it is.
class StatementScan {
public:
    /// Whether a call of that function is of no interest; `schema` is empty for a name without one.
    using IsSafe = std::function<bool(const std::string& schema, const std::string& name)>;
    /// Whether the run itself makes a function of that name: `row.name` may then be its call.
    using IsMade = std::function<bool(const std::string& name)>;

    StatementScan(StatementShape shape, IsSafe is_safe, IsMade is_made)
        : m_shape(shape), m_is_safe(std::move(is_safe)), m_is_made(std::move(is_made))
    {}

    void take(const Word& word);
    /// After the last one.
    void finish()
    {
        judge_verb({});
        judge_attribute({});
    }

    bool changes_rows() const noexcept { return m_changes_rows; }
    bool calls() const noexcept { return m_calls; }

private:
    /// What a parenthesis stands around.
    enum class Around { anything, columns, distinct_on, operator_name };
    /// Where in a query, or elsewhere, we are at one depth of parentheses.
    enum class Clause { other, with_list, from_items, join_condition, grouping };
    struct Level {
        Around around = Around::anything;
        Clause clause = Clause::other;
        bool has_select = false;
        bool is_on_conflict = false; // the last ON
        std::size_t joins = 0;       // whose ON or USING hasn't come yet
        std::size_t item = 0; // number of the first token behind the parenthesis or the last comma
    };
    /// A name with its schema, and what stands before it.
    struct Name {
        std::string schema;
        std::string name;
        Word last;             // its last part
        std::size_t words = 1; // that it takes
        Word before;
        Word before_that;
        std::size_t number = 0; // of its first token
        bool is_known = true;   // false: it has escapes, or more than two parts
    };

    void judge_verb(const Word& next);
    void judge_attribute(const Word& next);
    bool may_be_verb(const Word& word) const;
    void note_clause(const Word& word);
    void note_join(const Word& word);
    void open();
    void close();
    Name last_name() const;
    Around around(const Name& name) const;
    bool is_call(const Name& name) const;
    bool is_syntax(const Name& name) const;
    bool is_table_syntax(const Name& name) const;
    bool is_defined(const Name& name) const;
    bool is_alias_or_type(const Name& name) const;
    bool ends_operand(const Word& word) const;
    bool is_outermost() const { return m_levels.size() == 1; }
    /// 0 is the last token.
    const Word& back(std::size_t distance) const
    {
        return m_trail[(m_count - 1 - distance) % m_trail.size()];
    }

    StatementShape m_shape;
    IsSafe m_is_safe;
    IsMade m_is_made;
    std::vector<Level> m_levels{Level{}};
    std::array<Word, 16> m_trail{}; // the last tokens
    std::size_t m_count = 16;       // of tokens; not 0, so that there is always something behind
    std::size_t m_opened = 0;       // parentheses so far
    bool m_has_as = false;          // outside of parentheses
    Around m_last_closed = Around::anything;
    Word m_verb; // that may change rows, if the next token says so
    bool m_changes_rows = false;
    bool m_calls = false;
};

} // namespace crudctl::script
