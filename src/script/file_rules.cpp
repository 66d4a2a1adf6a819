#include "script/file_rules.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

constexpr const char* one_commit_hint =
    "take it out: all files load in one transaction, committed at the end";

// They change what psql shows, and nothing in the database.
constexpr std::array<std::string_view, 13> display_commands = {
    "a", "C", "echo", "f", "H", "pset", "qecho", "t", "T", "timing", "warn", "x", "unset"};

// psql's own variables that change what it shows, or ask for what happens here anyway.
constexpr std::array<std::string_view, 11> display_variables = {"ON_ERROR_STOP",
                                                                "ON_ERROR_ROLLBACK",
                                                                "VERBOSITY",
                                                                "SHOW_CONTEXT",
                                                                "ECHO",
                                                                "ECHO_HIDDEN",
                                                                "QUIET",
                                                                "FETCH_COUNT",
                                                                "SINGLELINE",
                                                                "HIDE_TABLEAM",
                                                                "HIDE_TOAST_COMPRESSION"};

template <std::size_t Count>
bool contains(const std::array<std::string_view, Count>& list, std::string_view word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

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

std::string_view first_argument(std::string_view arguments)
{
    return arguments.substr(0, arguments.find_first_of(" \t"));
}

} // namespace

bool FileRules::is_to_be_sent(const Item& item, const StatementFacts& facts)
{
    if (facts.sets_unsafe_encoding) {
        refuse(item.place, "a client_encoding in which quotes can't be told from letters",
               "convert the file to UTF-8");
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
    if (m_block == Block::done) {
        refuse(item.place, "a second transaction in one file", one_commit_hint);
    }
    if (facts.has_modes) {
        refuse(item.place, "a transaction with modes of its own",
               "take the modes out: all files load in one transaction");
    }
    m_block = Block::open;
    m_block_place = item.place;
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

void FileRules::take_meta_command(const Item& item)
{
    const std::string_view text = item.text.substr(1);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    const std::string_view name = text.substr(0, end);
    const std::string_view arguments = trimmed(text.substr(end));
    if (name == "restrict" || name == "unrestrict") {
        return take_restriction(item, name, first_argument(arguments));
    }
    if (m_restriction) {
        refuse(item.place,
               fmt::format("\"\\{}\" between \\restrict and \\unrestrict", printable(name)),
               "pg_dump wrote the file to hold SQL only: somebody changed it, or its data did");
    }
    if (item.is_inside_statement || !is_harmless(name, arguments)) {
        refuse(item.place, fmt::format("\"\\{}\" is a command of psql, not SQL", printable(name)),
               fmt::format("psql itself can run the file: crudctl connect -- -f {}",
                           m_file.file.shown));
    }
    const std::string shown = fmt::format("\\{}", name);
    const bool is_wanted_anyway = name == "set" && first_argument(arguments) == "ON_ERROR_STOP";
    if (!is_wanted_anyway &&
        std::find(m_left_out.begin(), m_left_out.end(), shown) == m_left_out.end()) {
        m_left_out.push_back(shown);
    }
}

void FileRules::take_restriction(const Item& item, std::string_view name, std::string_view key)
{
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

void FileRules::finish()
{
    if (m_block == Block::open) {
        refuse(m_block_place, "a transaction without its COMMIT: psql would undo all of it",
               "add the COMMIT, or take the BEGIN out");
    }
    if (!m_left_out.empty()) {
        m_file.notes.push_back(fmt::format("{}: left out, since it only changes what psql shows: "
                                           "{}",
                                           m_file.file.shown, fmt::join(m_left_out, ", ")));
    }
    if (m_file.statements == 0) {
        m_file.notes.push_back(fmt::format("{}: no statement in it", m_file.file.shown));
    }
}

bool FileRules::is_harmless(std::string_view name, std::string_view arguments)
{
    if (name == "set") {
        return contains(display_variables, first_argument(arguments));
    }
    if (name == "encoding") {
        return equal_ignoring_case(arguments, "utf8") || equal_ignoring_case(arguments, "utf-8");
    }
    return contains(display_commands, name);
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
    throw refusal(m_file, place, std::move(message), std::move(hint));
}

} // namespace crudctl::script
