#include "script/reader/file_rules.hpp"

#include "pg/conn_info.hpp"
#include "script/sql/lexer.hpp"
#include "script/sql/meta_command.hpp"
#include "script/sql/words.hpp"
#include "support/error.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

constexpr std::size_t excerpt_columns = 100;

std::string one_commit_hint(const ScriptSettings& settings)
{
    const std::string hint =
        settings.mode == TransactionMode::one
            ? "take it out: all files load in one transaction, committed at the end"
            : "take it out: each file loads in one transaction, committed at its end";
    return settings.has_no_transaction_option
               ? hint + "; or load them as they are, each statement for itself: --no-transaction"
               : hint;
}

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

/// Whether a connection string leads to the server and the role of this one, as far as it names
/// any.
bool is_same_session(const pg::ConnInfo& target, const pg::ConnInfo& connection)
{
    constexpr std::array<const char*, 4> keywords = {"host", "hostaddr", "user", "service"};
    const bool has_same_port = !target.value("port") || target.port() == connection.port();
    return has_same_port && std::ranges::all_of(keywords, [&](const char* keyword) {
               const auto value = target.value(keyword);
               return !value || value == connection.value(keyword);
           });
}

/// The database that \connect names, empty where it keeps the one there is; nothing where it leads
/// elsewhere. pg_dump writes odd names as a connection string.
std::optional<std::string> connect_target(const std::vector<std::string>& arguments,
                                          const pg::ConnInfo& connection)
{
    std::vector<std::string> places; // database, role, host and port; "-" is the one there is
    std::ranges::copy_if(arguments, std::back_inserter(places), [](const std::string& argument) {
        return !argument.starts_with("-reuse-previous=");
    });
    const std::array here = {std::string(), connection.user(),
                             connection.value("host").value_or(""), connection.port()};
    for (std::size_t i = 1; i < places.size(); ++i) {
        if (i >= here.size() || (places[i] != "-" && unquoted_name(places[i]) != here.at(i))) {
            return std::nullopt;
        }
    }
    const std::string name =
        places.empty() || places.front() == "-" ? std::string() : unquoted_name(places.front());
    const bool is_conninfo = name.find('=') != std::string::npos || name.starts_with("postgres");
    if (!is_conninfo || name.find_first_of("=/") == std::string::npos) {
        return name;
    }
    const pg::ConnInfo target = pg::ConnInfo::parse(name);
    return is_same_session(target, connection) ? std::optional(target.database()) : std::nullopt;
}

/// Where the word FROM ends, outside of parentheses.
std::size_t end_of_from(std::string_view text)
{
    TokenReader reader(text);
    int depth = 0;
    while (const auto token = reader.next()) {
        const std::string_view word = reader.text_of(*token);
        depth += word == "(" ? 1 : word == ")" ? -1 : 0;
        if (depth != 0 || token->kind != TokenKind::word) {
            continue;
        }
        if (equal_ignoring_case(word, "from")) {
            return token->end;
        }
        if (equal_ignoring_case(word, "to")) {
            throw Error(ExitCode::failed, "copies out of the database, which loads nothing");
        }
    }
    throw Error(ExitCode::failed, "FROM is missing");
}

struct Source {
    std::string name;
    bool is_quoted = false;
    std::size_t end = 0;
};

Source source_in(std::string_view text, std::size_t at)
{
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    Source source;
    source.is_quoted = text.substr(at).starts_with('\'');
    if (!source.is_quoted) {
        source.end = std::min(text.find_first_of(" \t\r\n;", at), text.size());
        source.name = text.substr(at, source.end - at);
        return source;
    }
    for (++at; at < text.size(); ++at) {
        const bool is_quote = text[at] == '\'';
        if (is_quote && !text.substr(at + 1).starts_with('\'')) {
            source.end = at + 1;
            return source;
        }
        source.name += text[at];
        at += is_quote ? 1 : 0;
    }
    throw Error(ExitCode::failed, "a quote that is never closed");
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
        refuse(item.place, "\"DISCARD ALL\" cannot run inside a transaction",
               one_commit_hint(m_settings));
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
               one_commit_hint(m_settings));
    }
    const bool is_live = m_settings.mode == TransactionMode::one;
    if (m_block == Block::done && is_live) {
        refuse(item.place, "a second transaction in one file", one_commit_hint(m_settings));
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
           "take it out: the files are for one database, which crudctl makes");
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
    const auto target = connect_target(arguments, m_settings.connection);
    if (!target || (!target->empty() && *target != m_settings.database)) {
        refuse(item.place,
               target ? fmt::format("\"\\connect\" to another database, \"{}\"", printable(*target))
                      : "\"\\connect\" as another role or to another server",
               "take it out: the rest of the file would be loaded there");
    }
    if (m_block == Block::open) {
        refuse(item.place,
               fmt::format("\"\\connect\" would undo the transaction that is open since line {}",
                           m_block_place.line),
               "add its COMMIT before, or take the \\connect out");
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
        m_notes.push_back(
            fmt::format("{}: left out, since it changes nothing but what psql shows: {}",
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
           one_commit_hint(m_settings));
}

void FileRules::refuse(const Place& place, std::string message, std::string hint) const
{
    throw refusal(*m_source, place, std::move(message), std::move(hint));
}

CopyWay copy_way(std::string_view arguments)
{
    const Words words = Words(arguments).outside();
    std::size_t at = 0;
    while (at < words.size() && !words[at].is("from") && !words[at].is("to")) {
        ++at;
    }
    const Word& place = words[at + 1];
    // psql knows neither a dollar's quotes nor what a backslash escapes.
    if (arguments.find_first_of("$\\") != std::string_view::npos) {
        return CopyWay::other;
    }
    if (words[at].is("to")) {
        return place.is("stdout") || place.is("pstdout") ? CopyWay::to_output : CopyWay::other;
    }
    if (!words[at].is("from") || place.is("program") || place.is("pstdin")) {
        return CopyWay::other;
    }
    return place.is("stdin") ? CopyWay::from_lines : CopyWay::from_file;
}

CopyCommand parse_copy_command(std::string_view arguments)
{
    const std::size_t end = end_of_from(arguments);
    const Source source = source_in(arguments, end);
    if (source.name.empty()) {
        throw Error(ExitCode::failed, "the file is missing");
    }
    if (!source.is_quoted && equal_ignoring_case(source.name, "program")) {
        throw Error(ExitCode::failed, "would run a program");
    }
    std::string_view options = trimmed(arguments.substr(source.end));
    if (options.ends_with(';')) {
        options.remove_suffix(1);
    }
    CopyCommand command;
    command.sql = fmt::format("COPY {} STDIN {}", arguments.substr(0, end), trimmed(options));
    const bool is_inline = !source.is_quoted && (equal_ignoring_case(source.name, "stdin") ||
                                                 equal_ignoring_case(source.name, "pstdin"));
    if (!is_inline) {
        command.file = source.name;
    }
    return command;
}

} // namespace crudctl::script
