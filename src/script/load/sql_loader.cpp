#include "script/load/sql_loader.hpp"

#include "script/load/hint.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

// What a statement answers that can't run in one transaction with others, or not with so many.
constexpr std::array<std::string_view, 4> needs_smaller_transaction = {
    "25001", "55P04", pg::sqlstate::invalid_termination, "53200"};

// What a file answers that uses a name which it creates later, or hides by its search_path.
constexpr std::array<std::string_view, 2> missing_name = {"42P01", pg::sqlstate::undefined_object};

// A round trip that costs less than the server's copies of a statement of that size, in bytes; and
// from when on a file is worth a round trip to find out.
constexpr std::chrono::microseconds near{300};
constexpr std::size_t large_statement = 4096;
constexpr std::size_t large_file = std::size_t{16} << 20U;

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

bool needs_smaller(const ScriptError& error)
{
    return contains(needs_smaller_transaction, error.failure().sqlstate);
}

/// A proxy on this machine answers for TCP at once: only a query tells.
bool is_near(pg::Connection& connection)
{
    constexpr int tries = 2; // the first one may meet a cold cache
    for (int i = 0; i < tries && connection.fastest_answer() >= near; ++i) {
        connection.exec("SELECT 1");
    }
    return connection.fastest_answer() < near;
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more)
{
    list.insert(list.end(), more.begin(), more.end());
}

} // namespace

void SqlLoader::read_known_settings()
{
    if (!m_tools.options.ignores_unknown_settings) {
        return;
    }
    const pg::Result names = m_tools.connection.exec("select name from pg_catalog.pg_settings");
    for (std::size_t i = 0; i < names.size(); ++i) {
        m_known_settings.insert(lower_ascii(names[i].text("name")));
    }
}

void SqlLoader::load(const FileOutline& file)
{
    m_file = &file;
    load_as_mode_says();
    m_file = nullptr;
}

void SqlLoader::load_as_mode_says()
{
    switch (m_tools.script.settings.mode) {
    case TransactionMode::one:
        stream(Sending::one_transaction);
        break;
    case TransactionMode::one_each_file:
        load_aside();
        break;
    case TransactionMode::none:
        stream(Sending::statements);
        require_no_open_transaction();
        break;
    }
}

/// Nobody uses the database yet: what can't run in a transaction of its file's size is tried in
/// smaller ones.
void SqlLoader::load_aside()
{
    const Variables variables = m_variables;
    const std::size_t deferred = m_tools.report.deferred.size();
    try {
        stream(Sending::one_transaction);
        m_tools.transaction.commit(m_file->source->shown());
    } catch (const ScriptError& error) {
        if (!needs_smaller(error)) {
            throw;
        }
        m_tools.transaction.roll_back();
        m_variables = variables;
        m_tools.meter.begin_file_again();
        m_tools.report.deferred.resize(deferred);
        stream(Sending::batches);
    }
}

void SqlLoader::stream(Sending sending)
{
    ScriptReader reader(m_file->source, m_tools.script.settings, m_variables);
    BatchMaker batches(reader, m_tools.script.settings, rules_for(sending));
    m_search_path_place.clear();
    m_judge.begin_file();
    std::vector<std::string> before = begin_session(sending);
    while (auto batch = batches.next()) {
        batch->before = std::exchange(before, {});
        batches.shrink();
        send(*batch, reader, sending);
        if (batch->ends_session) {
            before = begin_session(sending);
        }
    }
    append(m_tools.report.notes, batches.notes());
    append(m_tools.report.deferred, batches.deferred());
    m_variables = reader.variables();
}

/// What goes before the first batch of it.
std::vector<std::string> SqlLoader::begin_session(Sending sending)
{
    if (sending == Sending::one_transaction) {
        return m_tools.transaction.begin_file();
    }
    m_tools.transaction.roll_back(); // what a session leaves open is undone with it
    m_tools.transaction.clean_session();
    return {};
}

BatchRules SqlLoader::rules_for(Sending sending) const
{
    BatchRules rules;
    rules.most_statements = sending == Sending::statements ? 1 : BatchMaker::max_statements;
    if (m_file->bytes >= large_file && is_near(m_tools.connection)) {
        rules.alone_from = large_statement;
    }
    if (!m_tools.options.stand_in.empty()) {
        rules.stand_in = m_tools.connection.quoted(m_tools.options.stand_in);
        rules.name_literal =
            m_tools.connection.literal(m_tools.script.settings.database) + "::pg_catalog.name";
    }
    rules.keeps_marker = m_tools.options.stand_in.empty();
    rules.known_settings = m_tools.options.ignores_unknown_settings ? &m_known_settings : nullptr;
    if (const std::string& tag = m_tools.options.tag; !tag.empty()) {
        // Of a form of its own: pg_stat_statements counts what only differs in its values together,
        // under the first one's text.
        rules.notice_of_destroying =
            fmt::format("{}select file from (values ({})) as loading (file)", tag,
                        m_tools.connection.literal(m_file->source->shown()));
    }
    return rules;
}

void SqlLoader::send(Batch& batch, ScriptReader& reader, Sending sending)
{
    note_what_it_changes(batch);
    if (!batch.before.empty()) {
        m_tools.transaction.note_begun();
    }
    const bool commits = sending == Sending::one_transaction && batch.is_last &&
                         m_tools.script.settings.mode == TransactionMode::one_each_file;
    if (commits) {
        add_commit(batch);
    } else if (sending == Sending::batches) {
        add_own_transaction(batch);
    }
    m_tools.meter.add_rows(send_batch(batch, reader, sending));
    if (commits) {
        m_tools.transaction.note_committed();
    }
    m_tools.meter.add_statements(
        static_cast<std::size_t>(std::ranges::count(batch.parts, false, &Batch::Part::is_ours)));
    // What an open transaction of the file's own did goes with it.
    const bool is_done =
        m_tools.connection.transaction_status() == pg::Connection::TransactionStatus::idle;
    if (sending == Sending::statements && is_done && m_tools.meter.statements() > 0) {
        m_tools.sender.set_state(
            fmt::format("{} before it stay done: --no-transaction undoes nothing",
                        counted(m_tools.meter.statements(), "statement")));
    }
    m_tools.meter.print_bytes(reader.read_bytes());
}

/// With it goes what is to go behind the last file's.
void SqlLoader::add_commit(Batch& batch) const
{
    batch.after = m_tools.transaction.closing();
    const std::vector<std::string>& behind = m_tools.options.behind.statements;
    if (!behind.empty() && m_file == &m_tools.script.files.back()) {
        batch.load_size = batch.size();
        batch.after.emplace_back("BEGIN");
        append(batch.after, behind);
        batch.after.emplace_back("COMMIT");
    }
}

void SqlLoader::add_own_transaction(Batch& batch) const
{
    batch.before = {"BEGIN"};
    batch.after = m_tools.options.last;
    batch.after.emplace_back("COMMIT");
}

/// Gives the rows that it changed.
std::size_t SqlLoader::send_batch(const Batch& batch, ScriptReader& reader, Sending sending)
{
    if (sending != Sending::batches) {
        return m_tools.sender.send(batch, reader,
                                   [&] { m_tools.meter.print_bytes(reader.read_bytes()); });
    }
    if (const auto rows = try_to_send(batch, reader)) {
        return *rows;
    }
    std::size_t rows = 0;
    for (const Batch::Part& part : batch.parts) {
        rows += send_again(batch.only(part), reader);
    }
    return rows;
}

/// With the test before the COMMIT, but for what needs a transaction of its own.
std::size_t SqlLoader::send_again(const Batch& batch, ScriptReader& reader)
{
    Batch tested = batch;
    add_own_transaction(tested);
    const auto rows = try_to_send(tested, reader);
    return rows ? *rows : send_bare(batch, reader);
}

/// Without a test before its COMMIT: what it did is looked at afterwards, also where it failed,
/// since CREATE INDEX CONCURRENTLY commits on its way.
std::size_t SqlLoader::send_bare(const Batch& batch, ScriptReader& reader)
{
    const LoadOptions::BareStatements& watch = m_tools.options.bare;
    const Batch::Part& part = batch.parts.front();
    const std::string place = fmt::format("{}:{}", part.source->shown(), part.place.line);
    if (watch.before) {
        watch.before(place, m_smaller_because == pg::sqlstate::invalid_termination);
    }
    std::size_t rows = 0;
    try {
        rows = send_batch(batch, reader, Sending::statements);
    } catch (const Error&) {
        if (watch.after) {
            watch.after(place);
        }
        throw;
    }
    if (watch.after) {
        watch.after(place);
    }
    return rows;
}

/// Nothing where it needs a smaller transaction; what it did is then undone.
std::optional<std::size_t> SqlLoader::try_to_send(const Batch& batch, ScriptReader& reader)
{
    try {
        return send_batch(batch, reader, Sending::one_transaction);
    } catch (const ScriptError& error) {
        if (!needs_smaller(error)) {
            throw;
        }
        m_smaller_because = error.failure().sqlstate;
    }
    if (m_tools.connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
        m_tools.connection.exec("ROLLBACK"); // and no more: settings of the file stay
    }
    return std::nullopt;
}

void SqlLoader::note_what_it_changes(const Batch& batch)
{
    for (const Batch::Part& part : batch.parts) {
        if (part.is_ours) {
            continue;
        }
        if (part.setting == "search_path") {
            m_search_path_place = fmt::format("{}:{}", part.source->shown(), part.place.line);
        }
        require_as_judged(batch, part);
        if (part.changes_reading) {
            m_tools.transaction.note_change_of_reading();
        }
    }
}

bool SqlLoader::includes_files(const Script& script)
{
    return std::ranges::any_of(
        script.files, [](const FileOutline& file) { return file.bytes != file.source->size(); });
}

/// Files that others include are opened when they are reached: what was judged may be another.
void SqlLoader::require_as_judged(const Batch& batch, const Batch::Part& part)
{
    const Effect judged = m_tools.script.effect.worst();
    if (m_may_have_changed && judged != Effect::destroys &&
        m_tools.script.settings.mode != TransactionMode::one_each_file &&
        m_judge.take(part.text, batch.backslashes) > judged) {
        throw refusal(*part.source, part.place,
                      "this was not there when the files were judged to destroy nothing",
                      "somebody has changed them: try again", m_tools.sender.state());
    }
}

void SqlLoader::require_no_open_transaction() const
{
    if (m_tools.connection.transaction_status() != pg::Connection::TransactionStatus::idle) {
        throw Error(ExitCode::failed,
                    fmt::format("\"{}\" leaves a transaction open, which is undone",
                                m_file->source->shown()),
                    "add its COMMIT");
    }
}

std::string SqlLoader::hint_about_names(const ScriptFailure& failure) const
{
    if (m_file == nullptr || !contains(missing_name, failure.sqlstate) || failure.names.empty()) {
        return {};
    }
    if (failure.sqlstate == pg::sqlstate::undefined_object) {
        std::string hint = hint_about_roles(m_tools.connection, *m_file, m_tools.script.settings,
                                            m_variables, failure);
        if (!hint.empty()) {
            return hint;
        }
    }
    std::string hint = created_later(*m_file, m_tools.script.settings, m_variables,
                                     failure.statement, failure.names);
    if (hint.empty() && failure.names.size() == 1 && !m_search_path_place.empty()) {
        hint = fmt::format("search_path was set in {}: write \"{}\" with its schema before it",
                           m_search_path_place, printable(failure.names.front()));
    }
    return hint;
}

} // namespace crudctl::script
