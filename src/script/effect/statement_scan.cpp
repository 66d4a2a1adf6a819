#include "script/effect/statement_scan.hpp"

#include "script/effect/known_names.hpp"

#include <array>
#include <utility>

namespace crudctl::script {

namespace {

using std::string_view;

constexpr std::array<string_view, 4> changing_verbs = {"delete", "update", "merge", "truncate"};

// Behind these no statement begins: what looks like a verb there is a name, or ON DELETE CASCADE.
constexpr std::array<string_view, 26> no_statement_behind = {
    "select", "distinct", "from", "join",   "into", "table", "column", "add",      "by",
    "where",  "and",      "or",   "not",    "on",   "for",   "having", "case",     "else",
    "using",  "in",       "is",   "return", "set",  "when",  "with",   "returning"};

constexpr std::array<string_view, 4> ends_with_list = {"select", "insert", "values", "table"};

constexpr std::array<string_view, 13> ends_from = {
    "where", "group", "having", "window", "order",     "limit",    "offset",
    "fetch", "for",   "union",  "except", "intersect", "returning"};

constexpr std::array<string_view, 7> kinds_of_join = {"left",  "right", "full",   "inner",
                                                      "outer", "cross", "natural"};

// Behind these a CREATE has the name of what it makes, and a list of its own.
constexpr std::array<string_view, 8> names_thing = {
    "table", "view", "exists", "of", "statistics", "collation", "configuration", "dictionary"};

} // namespace

void StatementScan::take(const Word& word)
{
    judge_verb(word);
    judge_attribute(word);
    Level& level = m_levels.back();
    const bool is_first_in_operator =
        level.around == Around::operator_name && back(0).is_symbol('(') && word.is_name();
    if (is_first_in_operator && folded_name(word.text) != "pg_catalog") {
        m_calls = true;
    }
    if (word.is_symbol('(')) {
        open();
    } else if (word.is_symbol(')')) {
        close();
    } else if (word.is_symbol(',') || word.is_symbol(';')) {
        level.item = m_count + 1;
        level.clause = level.clause == Clause::join_condition ? Clause::from_items : level.clause;
        if (word.is_symbol(';')) { // of a body: another statement begins
            const std::size_t item = level.item;
            level = {};
            level.item = item;
        }
    } else if (word.kind == TokenKind::word && !back(0).is_symbol('.')) {
        note_clause(word);
        m_verb = may_be_verb(word) ? word : Word{};
    }
    m_trail[m_count % m_trail.size()] = word;
    ++m_count;
}

/// DELETE wants FROM, MERGE INTO, and UPDATE and TRUNCATE the name of a table.
void StatementScan::judge_verb(const Word& next)
{
    const Word verb = std::exchange(m_verb, {});
    if (verb.text.empty()) {
        return;
    }
    if (verb.is("delete")) {
        m_changes_rows = m_changes_rows || next.is("from");
        return;
    }
    if (verb.is("merge")) {
        m_changes_rows = m_changes_rows || next.is("into");
        return;
    }
    const bool names_table =
        next.kind == TokenKind::quoted_name || next.is("only") ||
        (verb.is("truncate") && next.is("table")) ||
        (next.kind == TokenKind::word && !next.text.empty() && !is_never_table(next.text));
    m_changes_rows = m_changes_rows || names_table;
}

/// `row.name`, where no parenthesis follows: of a table's column, or of a function that takes the
/// row.
void StatementScan::judge_attribute(const Word& next)
{
    if (back(0).is_name() && back(1).is_symbol('.') && !next.is_symbol('(') &&
        !next.is_symbol('.')) {
        m_calls = m_is_made(folded_name(back(0).text)) || m_calls;
    }
}

bool StatementScan::may_be_verb(const Word& word) const
{
    if (!word.is_one_of(changing_verbs)) {
        return false;
    }
    const Word& before = back(0);
    const bool is_of_lock = before.is("key") && back(1).is("no"); // FOR NO KEY UPDATE
    const bool is_column =
        m_levels.back().around == Around::columns && m_count == m_levels.back().item;
    const bool begins_statement = before.kind != TokenKind::symbol || before.is_symbol('(') ||
                                  before.is_symbol(')') || before.is_symbol(';');
    return begins_statement && !is_of_lock && !is_column && !before.is_one_of(no_statement_behind);
}

void StatementScan::note_clause(const Word& word)
{
    note_join(word);
    Level& level = m_levels.back();
    const Word& before = back(0);
    if (is_outermost() && word.is("as")) {
        m_has_as = true;
    }
    const bool begins_query = before.text.empty() || before.is_symbol('(') || before.is("as") ||
                              before.is("atomic") || before.is_symbol(';');
    if (word.is("with") && begins_query) {
        level.clause = Clause::with_list;
    } else if (level.clause == Clause::with_list && word.is_one_of(ends_with_list)) {
        level.clause = Clause::other;
    }
    const bool begins_items = (word.is("from") && level.has_select && !before.is("distinct")) ||
                              (level.clause == Clause::join_condition && word.is("join"));
    if (word.is("select")) {
        level.has_select = true;
        level.clause = Clause::other;
    } else if (begins_items) {
        level.clause = Clause::from_items;
    } else if (level.clause == Clause::from_items && word.is("on")) {
        level.clause = Clause::join_condition;
    } else if (level.clause != Clause::with_list && word.is_one_of(ends_from)) {
        const bool is_grouping = word.is("group") && !before.is("within");
        level.clause = is_grouping ? Clause::grouping : Clause::other;
    }
}

/// Whose ON it is: a join's, or that of ON CONFLICT.
void StatementScan::note_join(const Word& word)
{
    Level& level = m_levels.back();
    if (word.is("join")) {
        const auto is_natural = [this](std::size_t distance) {
            return (back(distance).is("natural") || back(distance).is("cross")) &&
                   !back(distance + 1).is_symbol('.');
        };
        level.joins += is_natural(0) || is_natural(1) || is_natural(2) ? 0 : 1;
    } else if (word.is("on") || word.is("using")) {
        level.is_on_conflict = level.joins == 0;
        level.joins -= level.joins > 0 ? 1 : 0;
    }
}

void StatementScan::open()
{
    Level next;
    next.item = m_count + 1;
    Level& level = m_levels.back();
    if (level.clause == Clause::with_list && back(0).is_symbol(')')) {
        level.clause = Clause::other; // WITH … (SELECT …)
    }
    if (back(0).is_name()) {
        const Name name = last_name();
        next.around = around(name);
        if (next.around == Around::anything && is_call(name) &&
            (!name.is_known || !m_is_safe(name.schema, name.name))) {
            m_calls = true;
        }
    }
    ++m_opened;
    m_levels.push_back(next);
}

void StatementScan::close()
{
    m_last_closed = m_levels.back().around;
    if (!is_outermost()) {
        m_levels.pop_back();
    }
}

StatementScan::Name StatementScan::last_name() const
{
    Name name;
    name.last = back(0);
    name.name = folded_name(name.last.text);
    std::size_t at = 0;
    std::size_t parts = 1;
    while (parts < 4 && back(at + 1).is_symbol('.') && back(at + 2).is_name()) {
        at += 2;
        name.schema = parts++ == 1 ? folded_name(back(at).text) : name.schema;
    }
    const auto has_escapes = [](const Word& word) {
        return word.kind == TokenKind::quoted_name && word.text.front() != '"';
    };
    name.is_known = parts <= 2 && !has_escapes(back(0)) && !has_escapes(back(at));
    name.words = at + 1;
    name.number = m_count - name.words;
    name.before = back(at + 1);
    name.before_that = back(at + 2);
    return name;
}

StatementScan::Around StatementScan::around(const Name& name) const
{
    if (name.last.is("operator") && name.words == 1) {
        return Around::operator_name;
    }
    if (name.last.is("on") && name.before.is("distinct")) {
        return Around::distinct_on;
    }
    const bool is_made = m_shape == StatementShape::create_table && is_outermost() && !m_has_as &&
                         (name.before.is("table") || name.before.is("exists") ||
                          name.before.is("of")); // PARTITION OF parent, OF type
    return is_made ? Around::columns : Around::anything;
}

bool StatementScan::is_call(const Name& name) const
{
    return !(name.words == 1 && name.last.kind == TokenKind::word && is_syntax(name)) &&
           !is_defined(name) && !is_alias_or_type(name);
}

/// A keyword that a list or an expression follows. What is none in every version, or may be a
/// function's name too, is one only where nothing else could stand there.
bool StatementScan::is_syntax(const Name& name) const
{
    const Word& word = name.last;
    const Word& before = name.before;
    const bool is_join = word.is("join") && before.is_one_of(kinds_of_join);
    if (is_never_function(word.text) || is_join || (is_infix(word.text) && ends_operand(before))) {
        return true;
    }
    return is_table_syntax(name) ||
           (word.is("key") && (before.is("primary") || before.is("foreign"))) ||
           (word.is("by") &&
            (before.is("group") || before.is("order") || before.is("partition"))) ||
           (word.is("sets") && before.is("grouping")) ||
           ((word.is("cube") || word.is("rollup")) && m_levels.back().clause == Clause::grouping) ||
           (word.is("conflict") && before.is("on") && m_levels.back().is_on_conflict) ||
           (word.is("varying") && (before.is("character") || before.is("char") ||
                                   before.is("bit") || before.is("nchar"))) ||
           (word.is("zone") && before.is("time")) ||
           (word.is("second") && (before.is("to") || before.is("interval"))) ||
           ((word.is("first") || word.is("next")) && before.is("fetch")) ||
           ((word.is("bernoulli") || word.is("system")) && before.is("tablesample")) ||
           ((word.is("copy") || word.is("explain")) && before.text.empty());
}

/// The same of what belongs to a table's definition.
bool StatementScan::is_table_syntax(const Name& name) const
{
    const Word& word = name.last;
    const Word& before = name.before;
    const bool is_in_columns = m_levels.back().around == Around::columns;
    const bool is_partitioning = (word.is("range") || word.is("list") || word.is("hash")) &&
                                 before.is("by") && name.before_that.is("partition");
    if (is_partitioning && m_shape == StatementShape::create_table && is_outermost() && !m_has_as) {
        return true;
    }
    if (word.is("exclude") && is_in_columns) {
        return name.number == m_levels.back().item || name.before_that.is("constraint");
    }
    return word.is("options") && (is_outermost() || is_in_columns) &&
           m_shape != StatementShape::query && before.kind == TokenKind::word &&
           !is_never_table(before.text);
}

/// What the statement makes, names or fills, with a list of its own.
bool StatementScan::is_defined(const Name& name) const
{
    const Word& before = name.before;
    if (before.is("references") || (before.is("into") && name.before_that.is("insert"))) {
        return true;
    }
    switch (m_shape) {
    case StatementShape::copy:
        return before.is("copy") || (before.is("binary") && name.before_that.is("copy"));
    case StatementShape::create_index:
        return is_outermost() && ((m_opened == 0 && (before.is("on") || before.is("only"))) ||
                                  (m_opened == 0 && before.is("using")));
    case StatementShape::create_table:
    case StatementShape::alter:
        return before.is("using") && name.before_that.is("exclude");
    case StatementShape::create_view:
    case StatementShape::create_other:
        return is_outermost() && m_opened == 0 && !m_has_as && before.is_one_of(names_thing);
    case StatementShape::query:
        break;
    }
    return false;
}

/// Whether it stands where an operand has just ended, or a type must stand: no call could be there.
bool StatementScan::is_alias_or_type(const Name& name) const
{
    const Word& before = name.before;
    const Level& level = m_levels.back();
    const bool is_cast = before.is_symbol(':') && name.before_that.is_symbol(':') &&
                         name.before_that.text.data() + 1 == before.text.data();
    if (is_cast || before.is("as") || ends_operand(before) || level.clause == Clause::with_list) {
        return true;
    }
    // A keyword, and yet the name of a table or a column.
    const bool may_name =
        before.kind == TokenKind::word && !is_never_table(before.text) && !is_infix(before.text);
    const bool is_column = level.around == Around::columns && name.number == level.item + 1;
    const bool is_added = m_shape == StatementShape::alter && is_outermost() &&
                          (name.before_that.is("add") || name.before_that.is("column") ||
                           name.before_that.is("exists"));
    return may_name && (level.clause == Clause::from_items || is_column || is_added);
}

bool StatementScan::ends_operand(const Word& word) const
{
    switch (word.kind) {
    case TokenKind::symbol:
        return word.is_symbol(']') ||
               (word.is_symbol(')') && m_last_closed != Around::distinct_on &&
                m_last_closed != Around::operator_name);
    case TokenKind::string:
        return !word.text.empty();
    case TokenKind::word:
        return !is_keyword(word.text);
    case TokenKind::quoted_name:
    case TokenKind::number:
        break;
    }
    return true;
}

} // namespace crudctl::script
