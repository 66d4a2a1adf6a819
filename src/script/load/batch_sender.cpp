#include "script/load/batch_sender.hpp"

#include "script/sql/sql_secrets.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::array<std::string_view, 9> row_verbs = {
    "select", "values", "table", "with", "show", "explain", "fetch", "execute", "call"};

bool gives_rows(const Batch::Part& part)
{
    return std::find(row_verbs.begin(), row_verbs.end(), part.verb) != row_verbs.end() ||
           lower_ascii(part.text).find("returning") != std::string::npos;
}

/// "sql/schema.sql:1-39, 13 statements, 1.2 kB".
std::string description_of(const Batch& batch)
{
    const Batch::Part& first = batch.parts.front();
    const Batch::Part& last = batch.parts.back();
    const bool is_one_line = first.place.line == last.place.line || first.source != last.source;
    return fmt::format("{}:{}{}, {}, {}", first.source->shown(), first.place.line,
                       is_one_line ? "" : fmt::format("-{}", last.place.line),
                       counted(batch.parts.size(), "statement"), size_text(batch.bytes()));
}

std::vector<pg::CopySource> sources_of(const Batch& batch, ScriptReader& reader,
                                       const std::function<void()>& on_data)
{
    std::vector<pg::CopySource> sources;
    for (std::size_t i = 0; i < batch.copies.size(); ++i) {
        const bool goes_on = batch.has_more_data && i + 1 == batch.copies.size();
        sources.emplace_back([&, i, goes_on, is_begun = false]() mutable -> std::string_view {
            if (!std::exchange(is_begun, true) && !batch.copies[i].data.empty()) {
                return batch.copies[i].data;
            }
            if (!goes_on) {
                return {};
            }
            if (on_data) {
                on_data();
            }
            return reader.next_copy_data();
        });
    }
    return sources;
}

} // namespace

BatchSender::BatchSender(pg::Connection& connection, const LoadOptions& options)
    : m_connection(connection),
      m_options(options),
      m_lock_watch(options.find_blockers ? std::function<std::string()>([&] {
                       return options.find_blockers(connection.backend_pid());
                   })
                                         : nullptr,
                   options.lock_timeout),
      m_state(options.state_after_failure)
{}

void BatchSender::begin_file(std::string shown, std::size_t statements)
{
    m_file = std::move(shown);
    m_statements = statements;
}

std::size_t BatchSender::send(const Batch& batch, ScriptReader& reader,
                              const std::function<void()>& on_data)
{
    if (batch.size() == 0) {
        print_messages(batch);
        return 0;
    }
    require_same_reading(batch);
    m_lock_watch.begin();
    try {
        const std::size_t rows = send_all(batch, reader, on_data);
        print_messages(batch);
        m_behind_load = batch.load_size ? BehindLoad::done : m_behind_load;
        return rows;
    } catch (const pg::ServerError& error) {
        // The load is committed then: it has not failed, nor is it to be done once more.
        if (!batch.is_behind_load(error.failed_result())) {
            throw failure_of(batch, error, reader.variables());
        }
    } catch (const pg::ConnectionLost& error) {
        if (const Batch::Part* part = batch.part_of(error.completed().value_or(batch.size()))) {
            m_lost_at = fmt::format("{}:{}", part->source->shown(), part->place.line);
        }
        throw;
    }
    m_behind_load = BehindLoad::failed;
    return 0; // the answers in between are lost
}

std::size_t BatchSender::send_all(const Batch& batch, ScriptReader& reader,
                                  const std::function<void()>& on_data)
{
    if (!batch.is_message()) {
        return send_each(batch, {0, batch.size()});
    }
    send_each(batch, {0, batch.before.size()});
    const std::size_t rows = send_message(batch, reader, on_data);
    send_each(batch, {batch.parts_end(), batch.size()});
    return rows;
}

std::size_t BatchSender::send_each(const Batch& batch, Range range)
{
    if (range.begin == range.end) {
        return 0;
    }
    std::vector<const char*> texts;
    texts.reserve(batch.size());
    const auto add = [&](const std::string& text) { texts.push_back(text.c_str()); };
    std::ranges::for_each(batch.before, add);
    std::ranges::for_each(batch.parts, add, &Batch::Part::text);
    std::ranges::for_each(batch.after, add);
    const auto sent = std::span(texts).subspan(range.begin, range.end - range.begin);
    try {
        return changed_rows(batch, range.begin, m_connection.exec_each(sent, io_for(batch, range)));
    } catch (const pg::ServerError& error) {
        throw pg::ServerError(error.diagnostic(), range.begin + error.failed_result());
    }
}

std::size_t BatchSender::send_message(const Batch& batch, ScriptReader& reader,
                                      const std::function<void()>& on_data)
{
    const Range range{batch.before.size(), batch.parts_end()};
    const std::vector<pg::CopySource> sources = sources_of(batch, reader, on_data);
    pg::ScriptIO io = io_for(batch, range);
    io.copies = sources;
    try {
        return changed_rows(batch, range.begin,
                            batch.is_alone // it may be large: no copy of it
                                ? m_connection.exec_script(batch.parts.front().text, io)
                                : m_connection.exec_script(batch.message().text, io));
    } catch (const pg::ServerError& error) {
        throw pg::ServerError(error.diagnostic(), range.begin + error.failed_result());
    }
}

/// The indexes that the connection counts begin with those of the range.
pg::ScriptIO BatchSender::io_for(const Batch& batch, Range range)
{
    pg::ScriptIO io;
    io.rows = pg::ScriptIO::Rows::dropped;
    io.on_notice = [&, begin = range.begin](const pg::Diagnostic& notice, std::size_t at_least,
                                            std::size_t at_most) {
        print_notice(batch, notice, begin + at_least, begin + at_most);
    };
    io.on_wait = [&] {
        m_lock_watch.tick();
        m_connection.print_waiting();
    };
    const bool has_parts = range.begin < batch.parts_end() && range.end > batch.before.size();
    if (m_options.on_batch) {
        io.on_done = [&, has_parts](std::chrono::duration<double> took) {
            m_options.on_batch(has_parts ? description_of(batch) : "the transaction", took.count());
        };
    }
    if (!batch.before.empty() || batch.load_size) {
        io.on_row = [&, begin = range.begin](const pg::Result& row, std::size_t completed) {
            take_row(batch, row, begin + completed);
        };
    }
    return io;
}

void BatchSender::take_row(const Batch& batch, const pg::Result& row, std::size_t index)
{
    if (index < batch.before.size()) {
        m_transaction_id = row.scalar().value_or("");
    } else if (batch.is_behind_load(index)) {
        m_options.behind.on_row(row);
    }
}

FailureContext BatchSender::failure_context() const
{
    return {position_unit(m_connection.parameter("client_encoding"),
                          m_connection.parameter("server_encoding")),
            m_options.columns,
            m_state,
            m_file,
            m_statements,
            m_options.has_no_transaction_option};
}

void BatchSender::require_same_reading(const Batch& batch) const
{
    if (!batch.parts.empty() && backslashes_of(m_connection) != batch.backslashes) {
        const Batch::Part& first = batch.parts.front();
        throw refusal(*first.source, first.place,
                      "standard_conforming_strings was changed in a way that can't be followed",
                      "set it by a SET statement of the file's own", m_state);
    }
}

void BatchSender::print_notice(const Batch& batch, const pg::Diagnostic& notice,
                               std::size_t at_least, std::size_t at_most) const
{
    if (!m_options.on_notice) {
        return;
    }
    const Batch::Part* part = batch.part_of(at_least);
    // Of two statements it is the later one's, unless the earlier one's rows blur what libpq tells.
    if (at_most > at_least && part != nullptr && !gives_rows(*part) && batch.part_of(at_most)) {
        part = batch.part_of(at_most);
    }
    if (part == nullptr) {
        m_options.on_notice(notice, {}, {});
    } else {
        m_options.on_notice(notice, fmt::format("{}:{}", part->source->shown(), part->place.line),
                            part->text);
    }
}

void BatchSender::print_messages(const Batch& batch) const
{
    if (m_options.on_message) {
        std::for_each(batch.messages.begin(), batch.messages.end(), m_options.on_message);
    }
}

ScriptError BatchSender::failure_of(const Batch& batch, const pg::ServerError& error,
                                    const Variables& variables) const
{
    FailureContext context = failure_context();
    context.secrets = variables.secret_values();
    ScriptError failure = failure_of_batch(batch, error, context);
    if (error.sqlstate() != pg::sqlstate::lock_not_available || m_lock_watch.blockers().empty()) {
        return failure;
    }
    ScriptFailure named = failure.failure();
    named.detail = "the lock is held by " + m_lock_watch.blockers();
    return {failure.code(), std::move(named)};
}

Backslashes backslashes_of(const pg::Connection& connection)
{
    return connection.parameter("standard_conforming_strings") == "off" ? Backslashes::escape
                                                                        : Backslashes::literal;
}

} // namespace crudctl::script
