#include "script/load/batch.hpp"

#include "script/effect/effect.hpp"
#include "script/effect/own_name.hpp"
#include "script/queries.hpp"
#include "script/sql/statement.hpp"
#include "script/sql/words.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::array<std::string_view, 4> retargeted_verbs = {"alter", "grant", "revoke",
                                                              "security"};

constexpr std::string_view copy_verb = "copy";

} // namespace

const Batch::Part* Batch::part_of(std::size_t index) const
{
    return index >= before.size() && index < parts_end() ? &parts[index - before.size()] : nullptr;
}

bool Batch::is_message() const
{
    return is_parsed_only || is_alone || (!parts.empty() && parts.front().verb == copy_verb);
}

Batch::Message Batch::message() const
{
    Message message;
    for (const Part& part : parts) {
        if (!message.text.empty()) { // a comment may be at its end
            message.text += message.text.ends_with(';') ? "\n" : "\n;\n";
        }
        message.begins.push_back(message.text.size());
        message.text += part.text;
    }
    return message;
}

std::size_t Batch::bytes() const
{
    std::size_t size = 0;
    for (const Part& part : parts) {
        size += part.text.size();
    }
    return size;
}

Batch Batch::only(const Part& part) const
{
    Batch batch;
    batch.parts = {part};
    batch.backslashes = backslashes;
    batch.is_alone = is_alone;
    if (part.copy) {
        batch.copies = {copies[*part.copy]};
        batch.parts.front().copy = 0;
        batch.has_more_data = has_more_data && *part.copy + 1 == copies.size();
    }
    return batch;
}

std::optional<Batch> BatchMaker::next()
{
    Batch batch;
    m_bytes = 0;
    while (!is_full(batch)) {
        const auto piece = m_pending ? std::exchange(m_pending, {}) : m_reader.next();
        batch.is_last = !piece;
        if (!piece) {
            break;
        }
        if (piece->kind == Piece::Kind::message) {
            batch.messages.emplace_back(piece->text);
            continue;
        }
        if (piece->kind == Piece::Kind::session) {
            batch.ends_session = std::exchange(m_is_session_used, false);
            continue;
        }
        if (is_unknown_setting(*piece) || is_deferred(*piece)) {
            continue;
        }
        const bool is_noticed = is_first_to_destroy(*piece);
        if (!batch.parts.empty() && (!fits(batch, *piece) || (is_noticed && batch.is_message()))) {
            m_pending = piece;
            break;
        }
        if (is_noticed) {
            add_own(batch, *piece, std::exchange(m_rules.notice_of_destroying, {}));
            m_pending = piece;
            continue;
        }
        note_repeated(*piece);
        add(batch, *piece);
        m_is_session_used = true;
    }
    return has_anything(batch) ? std::optional(std::move(batch)) : std::nullopt;
}

bool BatchMaker::has_anything(const Batch& batch)
{
    return !batch.parts.empty() || !batch.messages.empty() || batch.ends_session;
}

bool BatchMaker::is_full(const Batch& batch) const
{
    const bool is_ended =
        !batch.parts.empty() && (batch.has_more_data || batch.parts.back().changes_reading);
    return is_ended || batch.ends_session || batch.is_alone || m_bytes >= max_bytes ||
           batch.parts.size() >= m_rules.most_statements;
}

bool BatchMaker::is_first_to_destroy(const Piece& piece) const
{
    return !m_rules.notice_of_destroying.empty() &&
           effect_of(piece.text, piece.backslashes) != Effect::adds;
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

/// As another role it would be another grant.
void BatchMaker::note_repeated(const Piece& piece)
{
    m_has_role =
        m_has_role ||
        (piece.facts.verb == "set" &&
         (piece.facts.setting == "role" || contains_ignoring_case(piece.text, "authorization")));
    if (m_has_role || !is_retargeted(piece)) {
        return;
    }
    const Words words(piece.text, piece.backslashes);
    if (!words.has("rename") && !words.has("tablespace") && !words.has("current")) {
        // A role that the file made may be gone again.
        m_deferred.push_back(
            fmt::format("do language plpgsql $crudctl$ begin {}\n{} exception when "
                        "undefined_object then null; end $crudctl$",
                        piece.text, piece.text.ends_with(';') ? "" : ";"));
    }
}

bool BatchMaker::is_retargeted(const Piece& piece) const
{
    return is_about_target(piece) &&
           std::ranges::find(retargeted_verbs, piece.facts.verb) != retargeted_verbs.end();
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
    return m_bytes + piece.text.size() <= max_bytes && batch.backslashes == piece.backslashes &&
           batch.is_message() == (piece.facts.verb == copy_verb) && !goes_alone(piece);
}

bool BatchMaker::goes_alone(const Piece& piece) const
{
    return m_rules.alone_from > 0 && piece.text.size() >= m_rules.alone_from &&
           piece.facts.verb != copy_verb && !is_comment_to_keep(piece);
}

void BatchMaker::add(Batch& batch, const Piece& piece)
{
    const bool is_comment = is_comment_to_keep(piece);
    if (is_comment) {
        add_own(batch, piece, queries::comment_before);
    }
    Batch::Part part;
    part.source = piece.source;
    part.place = piece.place;
    part.number = piece.number;
    part.verb = piece.facts.verb;
    part.setting = piece.facts.setting;
    part.changes_reading = piece.facts.changes_reading;
    batch.backslashes = piece.backslashes;
    batch.is_alone = goes_alone(piece);
    set_text(part, piece);
    m_bytes += part.text.size();
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
    part.text = sql;
    part.source = piece.source;
    part.place = piece.place;
    part.number = piece.number;
    part.verb = "do";
    part.is_ours = true;
    part.expansions.push_back({0, sql.size(), 0}); // all of it stands at the file's statement
    batch.backslashes = piece.backslashes;
    batch.parts.push_back(std::move(part));
}

void BatchMaker::set_text(Batch::Part& part, const Piece& piece) const
{
    if (is_retargeted(piece)) {
        const Token& name = piece.facts.database_name;
        part.text = piece.text;
        part.text.replace(name.begin, name.end - name.begin, m_rules.stand_in);
        part.expansions = piece.expansions;
        part.expansions.push_back({name.begin, m_rules.stand_in.size(), name.end - name.begin});
    } else if (const auto names = own_names(piece); !names.empty()) {
        put_name(part, piece, names);
    } else if (piece.surroundings.empty()) {
        part.text = piece.text;
        part.expansions = piece.expansions;
    } else {
        SentText sent =
            sent_text(piece.text, piece.surroundings, piece.expansions, piece.backslashes);
        part.text = std::move(sent.text);
        part.expansions = std::move(sent.expansions);
    }
}

/// Its column is called as before.
std::string BatchMaker::own_name(std::string_view written) const
{
    return fmt::format(" (select {} as {}) ", m_rules.name_literal,
                       equal_ignoring_case(written, "current_catalog") ? "current_catalog"
                                                                       : "current_database");
}

void BatchMaker::put_name(Batch::Part& part, const Piece& piece,
                          const std::vector<Token>& places) const
{
    const auto written = [&](const Token& place) {
        return piece.text.substr(place.begin, place.end - place.begin);
    };
    for (Expansion expansion : piece.expansions) {
        const std::size_t begin = expansion.begin;
        for (const Token& place : places) {
            const bool is_before = place.end <= begin;
            expansion.begin += is_before ? own_name(written(place)).size() : 0;
            expansion.begin -= is_before ? place.end - place.begin : 0;
        }
        part.expansions.push_back(expansion);
    }
    std::size_t at = 0;
    for (const Token& place : places) {
        const std::string name = own_name(written(place));
        part.text += piece.text.substr(at, place.begin - at);
        part.expansions.push_back({part.text.size(), name.size(), place.end - place.begin});
        part.text += name;
        at = place.end;
    }
    part.text += piece.text.substr(at);
}

/// Where the statement means the database by the name that it will have.
std::vector<Token> BatchMaker::own_names(const Piece& piece) const
{
    return m_rules.name_literal.empty() ? std::vector<Token>()
                                        : own_name_calls(piece.text, piece.backslashes);
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

std::size_t changed_rows(const Batch& batch, std::size_t begin,
                         const std::vector<pg::Result>& results)
{
    std::size_t rows = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Batch::Part* part = batch.part_of(begin + i);
        if (part == nullptr) {
            continue;
        }
        const std::string tag = results[i].command_tag();
        const std::string verb = tag.substr(0, tag.find(' '));
        const bool is_copied_in = verb == "COPY" && part->copy;
        if (verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "MERGE" ||
            is_copied_in) {
            rows += results[i].affected_rows();
        }
    }
    return rows;
}

} // namespace crudctl::script
