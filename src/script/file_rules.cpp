#include "script/file_rules.hpp"

#include "pg/conn_info.hpp"
#include "script/meta_command.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

constexpr std::size_t excerpt_columns = 100;

constexpr const char* one_commit_hint =
    "take it out: all files load in one transaction, committed at the end; or load them as they "
    "are, each statement for itself: --no-transaction";

constexpr const char* dump_hint =
    "pg_dump writes the file to hold SQL only: somebody changed it, or its data did";

/// The statement's leading words as they are written, for messages.
std::string written_words(std::string_view statement)
{
    std::string text;
    for (const std::string& word : first_words(statement, 2)) {
        text += (text.empty() ? "" : " ") + word;
    }
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); });
    return printable(text);
}

/// The database that \connect names, nothing where it keeps the one there is. pg_dump writes odd
/// names as a connection string.
std::optional<std::string> connect_target(const std::vector<std::string>& arguments)
{
    std::string name;
    for (const std::string& argument : arguments) {
        const bool is_option = argument.starts_with("-reuse-previous=");
        if (is_option || argument == "-") {
            continue;
        }
        if (!name.empty()) {
            return std::nullopt; // a role, a host or a port besides
        }
        name = unquoted_name(argument);
    }
    const bool is_conninfo = name.find('=') != std::string::npos || name.starts_with("postgres");
    return is_conninfo && name.find_first_of("=/") != std::string::npos
               ? std::string(pg::ConnInfo::parse(name).database())
               : name;
}

} // namespace

ScriptError refusal(const SourceFile& source, const Place& place, std::string message,
                    std::string hint, std::string state)
{
    ScriptFailure failure;
    failure.file = source.shown();
    failure.place = place;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    failure.source = source.excerpt(place, excerpt_columns);
    failure.state = std::move(state);
    return {ExitCode::failed, std::move(failure)};
}

bool FileRules::is_to_be_sent(const Item& item, const StatementFacts& facts,
                              const SharedSource& source)
{
    m_source = source;
    if (facts.sets_unsafe_encoding) {
        refuse(item.place, "a client_encoding in which quotes can't be told from letters",
               "convert the file to UTF-8");
    }
    if (!facts.database.empty() && (facts.verb == "create" || facts.verb == "drop")) {
        return take_database(item, facts);
    }
    if (m_settings.mode == TransactionMode::none) {
        return true;
    }
    switch (facts.control) {
    case Control::begin:
        return take_begin(item, facts);
    case Control::commit:
        return take_commit(item, facts);
    case Control::rollback:
    case Control::two_phase:
        refuse_ending(item);
    case Control::discard_all:
        refuse(item.place, "\"DISCARD ALL\" cannot run inside a transaction", one_commit_hint);
    case Control::none:
    case Control::savepoint:
    case Control::rollback_to:
        break;
    }
    return true;
}

bool FileRules::take_begin(const Item& item, const StatementFacts& facts)
{
    if (m_block == Block::open) {
        refuse(item.place, fmt::format("a transaction is open since line {}", m_block_place.line),
               one_commit_hint);
    }
    const bool is_live = m_settings.mode == TransactionMode::one;
    if (m_block == Block::done && is_live) {
        refuse(item.place, "a second transaction in one file", one_commit_hint);
    }
    if (facts.has_modes && is_live) {
        refuse(item.place, "a transaction with modes of its own",
               "take the modes out: all files load in one transaction");
    }
    m_block = Block::open;
    m_block_place = item.place;
    m_block_source = m_source;
    return false;
}

bool FileRules::take_commit(const Item& item, const StatementFacts& facts)
{
    if (m_block != Block::open || facts.has_modes) {
        refuse_ending(item);
    }
    m_block = Block::done;
    return false;
}

// pg_dump -C and sample databases begin with it: here the database is made already.
bool FileRules::take_database(const Item& item, const StatementFacts& facts)
{
    const bool is_target = facts.database == m_settings.database;
    const bool is_made_aside = m_settings.mode == TransactionMode::one_each_file;
    if (is_target && (facts.verb == "create" || is_made_aside)) {
        note_skipped(item, written_words(item.text));
        return false;
    }
    if (m_settings.mode == TransactionMode::none) {
        return true;
    }
    refuse(item.place,
           fmt::format("\"{}\" of {}", written_words(item.text),
                       is_target
                           ? "the database that the file is loaded into"
                           : fmt::format("another database, \"{}\"", printable(facts.database))),
           "take it out, or let psql itself run the file: --via psql");
}

void FileRules::take_restriction(const Item& item, std::string_view name, std::string_view key,
                                 const SharedSource& source)
{
    m_source = source;
    const bool is_valid = name == "restrict" ? !m_restriction && !key.empty()
                                             : m_restriction && *m_restriction == key;
    if (!is_valid || item.is_inside_statement) {
        refuse(item.place,
               fmt::format("\"\\{}\" without the \\{} that belongs to it", name,
                           name == "restrict" ? "unrestrict" : "restrict"),
               "pg_dump writes them in pairs with one key: somebody changed the file, or its data "
               "did");
    }
    m_restriction.reset();
    if (name == "restrict") {
        m_restriction = key;
    }
}

void FileRules::require_unrestricted(const Item& item, std::string_view name,
                                     const SharedSource& source)
{
    m_source = source;
    if (m_restriction) {
        refuse(item.place,
               fmt::format("\"\\{}\" between \\restrict and \\unrestrict", printable(name)),
               dump_hint);
    }
}

void FileRules::take_connect(const Item& item, const std::vector<std::string>& arguments,
                             const SharedSource& source)
{
    m_source = source;
    const auto target = connect_target(arguments);
    if (!target || (!target->empty() && *target != m_settings.database)) {
        refuse(item.place,
               target ? fmt::format("\"\\connect\" to another database, \"{}\"", printable(*target))
                      : "\"\\connect\" as another role or to another server",
               "the rest of the file would be loaded there: take it out, or --via psql");
    }
    note_skipped(item, "\\connect");
}

void FileRules::leave_out(std::string what)
{
    if (std::find(m_left_out.begin(), m_left_out.end(), what) == m_left_out.end()) {
        m_left_out.push_back(std::move(what));
    }
}

void FileRules::finish(std::size_t statements)
{
    if (m_block == Block::open) {
        m_source = m_block_source;
        refuse(m_block_place, "a transaction without its COMMIT: psql would undo all of it",
               "add the COMMIT, or take the BEGIN out");
    }
    if (!m_left_out.empty()) {
        m_notes.push_back(fmt::format("{}: left out, since it only changes what psql shows: {}",
                                      m_file->shown(), fmt::join(m_left_out, ", ")));
    }
    if (statements == 0) {
        m_notes.push_back(fmt::format("{}: no statement in it", m_file->shown()));
    }
}

void FileRules::note_skipped(const Item& item, std::string_view what)
{
    m_notes.push_back(fmt::format("{}:{}: {} left out: it is loaded into \"{}\" anyway",
                                  m_source->shown(), item.place.line, what,
                                  printable(m_settings.database)));
}

void FileRules::refuse_ending(const Item& item) const
{
    refuse(item.place,
           fmt::format("\"{}\" would end the transaction that the file is loaded in",
                       written_words(item.text)),
           one_commit_hint);
}

void FileRules::refuse(const Place& place, std::string message, std::string hint) const
{
    throw refusal(*m_source, place, std::move(message), std::move(hint));
}

} // namespace crudctl::script
