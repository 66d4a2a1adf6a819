#include "script/script_reader.hpp"

#include "support/interrupt.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{128} << 10U;

} // namespace

ScriptReader::ScriptReader(SharedSource file, const ScriptSettings& settings, Variables variables,
                           DigestParts* digest)
    : m_settings(settings),
      m_variables(std::make_unique<Variables>(std::move(variables))),
      m_rules(file, settings),
      m_digest(digest),
      m_backslashes(settings.backslashes)
{
    open(std::move(file));
}

std::optional<Piece> ScriptReader::next()
{
    m_copy_file.reset();
    m_copy_place = {};
    while (!m_levels.empty()) {
        const auto item = next_item();
        if (item) {
            if (auto piece = take(*item)) {
                return piece;
            }
        } else if (!feed()) {
            leave_file();
        }
    }
    m_rules.finish(m_statements);
    return std::nullopt;
}

void ScriptReader::open(SharedSource source)
{
    m_known_bytes += source->size();
    if (m_digest != nullptr) {
        m_digest->open(source);
    }
    auto level = std::make_unique<Level>();
    level->source = std::move(source);
    level->scanner.set_backslashes(m_backslashes);
    level->scanner.expand(*m_variables);
    m_levels.push_back(std::move(level));
}

void ScriptReader::leave_file()
{
    m_levels.pop_back();
    if (m_digest != nullptr) {
        m_digest->close();
    }
    if (!m_levels.empty()) {
        m_levels.back()->scanner.set_backslashes(m_backslashes);
    }
}

// False where the file has no more, and nothing is to come of it any more.
bool ScriptReader::feed()
{
    Level& level = *m_levels.back();
    if (level.scanner.is_finished()) {
        return false;
    }
    interrupt::throw_if_pending(); // gigabytes may take a while
    try {
        const std::size_t size = level.scanner.feed(chunk_bytes, [&level](std::span<char> room) {
            return level.source->read(level.offset, room);
        });
        level.offset += size;
        m_read_bytes += size;
        if (size == 0) {
            level.scanner.finish();
        }
    } catch (const ScanError& error) {
        refuse(error.place(), error.what(), error.hint());
    }
    return true;
}

std::optional<Item> ScriptReader::next_item()
{
    try {
        return m_levels.back()->scanner.next();
    } catch (const ScanError& error) {
        refuse(error.place(), error.what(), error.hint());
    }
}

std::optional<Piece> ScriptReader::take(const Item& item)
{
    switch (item.kind) {
    case Item::Kind::statement:
        return take_statement(item);
    case Item::Kind::meta_command:
        return take_meta_command(item);
    case Item::Kind::copy_data: // that nobody asked for
    case Item::Kind::copy_end:
        break;
    }
    return std::nullopt;
}

std::optional<Piece> ScriptReader::take_statement(const Item& item)
{
    Piece piece;
    piece.facts = facts_of(item.text, m_backslashes);
    piece.number = ++m_statements;
    piece.backslashes = m_backslashes;
    if (!m_rules.is_to_be_sent(item, piece.facts, m_levels.back()->source)) {
        return std::nullopt;
    }
    piece.text = item.text;
    piece.source = m_levels.back()->source;
    piece.place = item.place;
    piece.expansions = item.expansions;
    if (m_digest != nullptr && !piece.expansions.empty()) {
        m_digest->take_expanded(piece.text);
    }
    piece.has_semicolon = item.has_semicolon;
    piece.has_copy_data = item.is_copy_from_stdin;
    m_backslashes = piece.facts.resets_backslashes
                        ? m_settings.backslashes
                        : piece.facts.backslashes.value_or(m_backslashes);
    m_levels.back()->scanner.set_backslashes(m_backslashes);
    return piece;
}

std::string_view ScriptReader::next_copy_data()
{
    if (m_copy_file) {
        m_copy_file->read(m_copy_offset, chunk_bytes, m_chunk);
        m_copy_offset += m_chunk.size();
        m_read_bytes += m_chunk.size();
        m_copy_place = {m_copy_file, {}};
        if (m_chunk.empty()) {
            leave_copy_file();
        }
        return m_chunk;
    }
    for (;;) {
        const auto item = next_item();
        if (!item) {
            feed();
        } else if (item->kind == Item::Kind::copy_end) {
            return {};
        } else if (item->kind == Item::Kind::meta_command) {
            take_meta_command(*item); // the \g that ended the COPY: nothing else is let through
        } else {
            if (m_copy_place.source == nullptr) {
                m_copy_place = {m_levels.back()->source, item->place};
            }
            return item->text;
        }
    }
}

void ScriptReader::skip_copy_data()
{
    if (m_copy_file) {
        leave_copy_file();
        return;
    }
    while (!next_copy_data().empty()) {}
}

void ScriptReader::leave_copy_file()
{
    m_copy_file.reset();
    if (m_digest != nullptr) {
        m_digest->close();
    }
}

void ScriptReader::shrink()
{
    if (!m_levels.empty()) {
        m_levels.back()->scanner.shrink();
    }
}

void ScriptReader::refuse(const Place& place, const std::string& message,
                          const std::string& hint) const
{
    throw refusal(*m_levels.back()->source, place, message, hint);
}

} // namespace crudctl::script
