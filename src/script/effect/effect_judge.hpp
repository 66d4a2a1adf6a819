#pragma once

#include "script/effect/created_thing.hpp"
#include "script/effect/effect.hpp"
#include "script/effect/run_memory.hpp"
#include "script/effect/statement_scan.hpp"
#include "script/sql/lexer.hpp"

#include <string_view>

namespace crudctl::script {

/// Judges the statements of one run, in their order, by their own words:
///   * DELETE, UPDATE, MERGE or TRUNCATE at any depth destroys, and so does whatever isn't below.
///   * SELECT, VALUES, TABLE, INSERT and WITH, COPY FROM a file or STDIN, COPY TO STDOUT, COMMENT,
///     GRANT, SET, RESET, SHOW, ANALYZE, BEGIN, START, COMMIT, END, SAVEPOINT, RELEASE add.
///   * ALTER adds where it is ADD COLUMN, ADD CONSTRAINT, ADD GENERATED, ADD VALUE, VALIDATE,
///   ATTACH
///     PARTITION, SET or DROP DEFAULT, DROP NOT NULL, or DEFAULT PRIVILEGES … GRANT.
///   * CREATE adds, but for a rule, an event trigger, a subscription, a trigger on a table that the
///     run did not make, and OR REPLACE of what no plain CREATE of the run made.
/// What adds by that and calls a function outside the list (known_names.hpp), makes a trigger, an
/// operator or a cast that calls one, or names an operator with its schema, is Effect::calls.
/// What the list's functions do is known by their names: a function of one's own that has such a
/// name and fits its arguments better is taken for the server's, and so are plain operators and
/// casts. `row.function` is a call where the run makes such a function, or the database is known to
/// have it. What triggers, rules, views and defaults that are there already do isn't looked into.
class EffectJudge {
public:
    explicit EffectJudge(const KnownFunctions& known = {});

    /// The log-in's settings hold again.
    void begin_file() { m_memory.begin_file(); }
    Effect take(std::string_view statement, Backslashes backslashes = Backslashes::literal);

    /// Whether something stood there so far that may be `row.function`.
    bool has_attributes() const noexcept { return m_has_attributes; }

private:
    Effect take_words(std::string_view statement, Backslashes backslashes);
    Effect take_query(std::string_view statement, Backslashes backslashes);
    Effect take_setting(const Words& statement);
    Effect take_copy(const Words& statement) const;
    Effect take_alter(const Words& statement) const;
    Effect take_create(const Words& statement);
    Effect effect_of_create(const Words& statement, const CreatedThing& thing) const;
    bool has_made(const Words& statement, const CreatedThing& thing) const;
    void remember(const Words& statement, const CreatedThing& thing);
    StatementScan scan_of(StatementShape shape) const;
    StatementScan scanned(const Words& statement, StatementShape shape) const;

    RunMemory m_memory;
    mutable bool m_has_attributes = false; // noted by a scan
};

/// Whether it is clear from a quick scan, several times as fast as cutting it into tokens, that an
/// INSERT only has a list of columns and values, without a query or ON CONFLICT DO UPDATE, and
/// calls only functions without a schema that are safe. False says nothing.
bool is_plain_insert(std::string_view text, Backslashes backslashes, const RunMemory& memory);

} // namespace crudctl::script
