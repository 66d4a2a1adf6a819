#include "script/load/batch.hpp"

#include "script/effect/effect.hpp"
#include "script/queries.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::array<std::string_view, 4> retargeted_verbs = {"alter", "grant", "revoke",
                                                              "security"};

} // namespace

const Batch::Part* Batch::part_at(std::size_t byte) const
{
    const auto behind =
        std::upper_bound(parts.begin(), parts.end(), byte,
                         [](std::size_t value, const Part& part) { return value < part.begin; });
    return behind == parts.begin() ? nullptr : &*(behind - 1);
}

const Batch::Part* Batch::part_of(std::size_t completed) const
{
    const bool is_inside =
        completed >= prefix_statements && completed - prefix_statements < parts.size();
    return is_inside ? &parts[completed - prefix_statements] : nullptr;
}

Batch Batch::only(const Part& part) const
{
    Batch batch;
    batch.text = std::string(text_of(part)) + ";\n";
    batch.parts = {part};
    batch.parts.front().begin = 0;
    batch.backslashes = backslashes;
    if (part.copy) {
        batch.copies = {copies[*part.copy]};
        batch.parts.front().copy = 0;
        batch.has_more_data = has_more_data && *part.copy + 1 == copies.size();
    }
    return batch;
}

std::optional<Batch> BatchMaker::next(const Prefix& prefix)
{
    Batch batch;
    batch.text = prefix.text;
    batch.prefix_statements = prefix.statements;
    m_bytes = 0;
    for (;;) {
        const auto piece = m_pending ? std::exchange(m_pending, {}) : m_reader.next();
        batch.is_last = !piece;
        if (!piece) {
            break;
        }
        if (piece->kind == Piece::Kind::message) {
            batch.messages.emplace_back(piece->text);
            continue;
        }
        if (is_unknown_setting(*piece) || is_deferred(*piece)) {
            continue;
        }
        if (!batch.parts.empty() && !fits(batch, *piece)) {
            m_pending = piece;
            break;
        }
        add(batch, *piece);
        const bool is_full = m_bytes >= max_bytes || batch.parts.size() >= m_rules.most_statements;
        if (is_full || batch.has_more_data || piece->facts.changes_reading) {
            break;
        }
    }
    if (batch.destroys) {
        batch.text += m_rules.tag;
    }
    return batch.parts.empty() && batch.messages.empty() ? std::nullopt
                                                         : std::optional(std::move(batch));
}

// Names with a dot are anybody's own: every server takes them.
bool BatchMaker::is_unknown_setting(const Piece& piece)
{
    const std::string& name = piece.facts.setting;
    if (m_rules.known_settings == nullptr || piece.facts.verb != "set" || name.empty() ||
        name.find('.') != std::string::npos || m_rules.known_settings->contains(name)) {
        return false;
    }
    m_notes.push_back(fmt::format("{}:{}: left out, since this server has no such setting: {}",
                                  piece.source->shown(), piece.place.line, printable(name)));
    return true;
}

bool BatchMaker::is_deferred(const Piece& piece)
{
    if (piece.facts.verb != "comment" || !is_about_target(piece)) {
        return false;
    }
    m_deferred.emplace_back(piece.text);
    return true;
}

bool BatchMaker::is_comment_to_keep(const Piece& piece) const
{
    return m_rules.keeps_marker && piece.facts.verb == "comment" &&
           piece.facts.database == m_settings.database;
}

bool BatchMaker::is_about_target(const Piece& piece) const
{
    return !m_rules.stand_in.empty() && piece.facts.database == m_settings.database;
}

void BatchMaker::shrink()
{
    if (!m_pending) {
        m_reader.shrink();
    }
}

bool BatchMaker::fits(const Batch& batch, const Piece& piece) const
{
    return m_bytes + piece.text.size() <= max_bytes && batch.backslashes == piece.backslashes;
}

void BatchMaker::add(Batch& batch, const Piece& piece)
{
    const bool is_comment = is_comment_to_keep(piece);
    if (is_comment) {
        add_own(batch, piece, queries::comment_before);
    }
    Batch::Part part;
    part.begin = batch.text.size();
    part.source = piece.source;
    part.place = piece.place;
    part.expansions = piece.expansions;
    part.number = piece.number;
    part.verb = piece.facts.verb;
    part.setting = piece.facts.setting;
    part.changes_reading = piece.facts.changes_reading;
    batch.backslashes = piece.backslashes;
    batch.destroys = batch.destroys || (!m_rules.tag.empty() &&
                                        effect_of(piece.text, piece.backslashes) != Effect::adds);
    add_text(batch, piece, part);
    m_bytes += part.size;
    if (piece.has_copy_data) {
        part.copy = batch.copies.size();
    }
    batch.parts.push_back(std::move(part));
    if (is_comment) {
        add_own(batch, piece, queries::comment_after);
    }
    if (piece.has_copy_data) {
        add_copy_data(batch); // the piece is no longer valid
    }
}

/// A statement of ours that belongs to the file's: what it fails with is told of that.
void BatchMaker::add_own(Batch& batch, const Piece& piece, const std::string& sql)
{
    Batch::Part part;
    part.begin = batch.text.size();
    part.source = piece.source;
    part.place = piece.place;
    part.number = piece.number;
    part.verb = "do";
    part.is_ours = true;
    part.size = sql.size();
    part.expansions.push_back({0, sql.size(), 0}); // all of it stands at the file's statement
    batch.text += sql + ";\n";
    batch.parts.push_back(std::move(part));
}

void BatchMaker::add_text(Batch& batch, const Piece& piece, Batch::Part& part) const
{
    constexpr std::string_view end = ";\n";
    // A second copy of a large statement, for the sake of its end, would be a high price.
    batch.text.reserve(batch.text.size() + piece.text.size() + m_rules.stand_in.size() +
                       end.size());
    const bool is_retargeted =
        is_about_target(piece) && std::find(retargeted_verbs.begin(), retargeted_verbs.end(),
                                            piece.facts.verb) != retargeted_verbs.end();
    if (is_retargeted) {
        const Token& name = piece.facts.database_name;
        batch.text += piece.text.substr(0, name.begin);
        batch.text += m_rules.stand_in;
        batch.text += piece.text.substr(name.end);
        part.expansions.push_back({name.begin, m_rules.stand_in.size(), name.end - name.begin});
    } else {
        batch.text += piece.text;
    }
    part.size = batch.text.size() - part.begin;
    batch.text += piece.has_semicolon ? end.substr(1) : end;
}

void BatchMaker::add_copy_data(Batch& batch)
{
    Batch::Copy copy;
    for (;;) {
        const std::string_view chunk = m_reader.next_copy_data();
        if (chunk.empty()) {
            break;
        }
        copy.data += chunk;
        if (m_bytes + copy.data.size() > max_bytes) {
            batch.has_more_data = true;
            break;
        }
    }
    copy.place = m_reader.copy_place();
    m_bytes += copy.data.size();
    batch.copies.push_back(std::move(copy));
}

std::size_t changed_rows(const Batch& batch, const std::vector<pg::Result>& results)
{
    std::size_t rows = 0;
    std::size_t completed = 0;
    for (const pg::Result& result : results) {
        const std::string tag = result.command_tag();
        if (tag.empty()) {
            continue; // a rule's rows; the statement's own result is still to come
        }
        const std::string verb = tag.substr(0, tag.find(' '));
        const Batch::Part* part = batch.part_of(completed++);
        const bool is_copied_in = verb == "COPY" && part != nullptr && part->copy;
        if (verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "MERGE" ||
            is_copied_in) {
            rows += result.affected_rows();
        }
    }
    return rows;
}

} // namespace crudctl::script
