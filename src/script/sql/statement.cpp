#include "script/sql/statement.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace crudctl::script {

namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 3> reading_settings = {"standard_conforming_strings",
                                                              "backslash_quote", "client_encoding"};

// Client encodings in which a backslash or a quote may be the second byte of a character.
constexpr std::array<std::string_view, 8> unsafe_encodings = {
    "sjis", "shift_jis", "big5", "gbk", "uhc", "johab", "gb18030", "shift_jis_2004"};

// The first words of all statements that facts_of() has something to say about.
constexpr std::array<std::string_view, 14> noted_verbs = {
    "begin",   "start",   "commit",  "end", "rollback", "abort",  "savepoint",
    "release", "prepare", "discard", "set", "reset",    "select", "with"};

template <typename Range>
bool contains(const Range& range, std::string_view word)
{
    return std::find(std::begin(range), std::end(range), word) != std::end(range);
}

std::string_view word_at(const Words& words, std::size_t at)
{
    return at < words.size() ? std::string_view(words[at]) : std::string_view();
}

// Behind BEGIN, COMMIT, ROLLBACK and their kin WORK or TRANSACTION says nothing.
Words without_noise(Words words)
{
    if (words.size() > 1 && (words[1] == "work" || words[1] == "transaction")) {
        words.erase(words.begin() + 1);
    }
    return words;
}

void note_end_of_block(const Words& words, StatementFacts& facts)
{
    const bool is_rollback = words[0] == "rollback" || words[0] == "abort";
    facts.control = is_rollback ? Control::rollback : Control::commit;
    if (word_at(words, 1) == "prepared") {
        facts.control = Control::two_phase;
    } else if (word_at(words, 1) == "to" && is_rollback) {
        facts.control = Control::rollback_to;
        facts.changes_reading = true;
    } else {
        facts.has_modes = word_at(words, 1) == "and" && word_at(words, 2) == "chain";
    }
}

void note_control(const Words& words, StatementFacts& facts)
{
    const std::string_view first = word_at(words, 0);
    const std::string_view second = word_at(words, 1);
    if (first == "begin" || (first == "start" && second == "transaction")) {
        facts.control = Control::begin;
        facts.has_modes = without_noise(words).size() > 1;
    } else if (first == "commit" || first == "end" || first == "rollback" || first == "abort") {
        note_end_of_block(without_noise(words), facts);
    } else if (first == "savepoint" || first == "release") {
        facts.control = Control::savepoint;
    } else if (first == "prepare" && second == "transaction") {
        facts.control = Control::two_phase;
    } else if (first == "discard" && second == "all") {
        facts.control = Control::discard_all;
    }
}

/// A word, or the inside of a plain string or a quoted name, in lower case.
std::string plain_value(std::string_view token)
{
    while (!token.empty() && (token.front() == '\'' || token.front() == '"')) {
        token.remove_prefix(1);
    }
    while (!token.empty() && (token.back() == '\'' || token.back() == '"')) {
        token.remove_suffix(1);
    }
    return lower_ascii(token);
}

void note_setting(std::string_view name, std::string_view value, StatementFacts& facts)
{
    facts.changes_reading = facts.changes_reading || contains(reading_settings, name);
    if (name == "client_encoding") {
        facts.sets_unsafe_encoding = contains(unsafe_encodings, value);
    }
    if (name != "standard_conforming_strings") {
        return;
    }
    if (value == "default") {
        facts.resets_backslashes = true;
    } else if (value == "off" || value == "false" || value == "no" || value == "0") {
        facts.backslashes = Backslashes::escape;
    } else {
        facts.backslashes = Backslashes::literal;
    }
}

/// SET [SESSION|LOCAL] name {TO|=} value, SET NAMES value, RESET name|ALL.
void note_set(TokenReader& reader, bool is_reset, StatementFacts& facts)
{
    Words words;
    while (const Token* token = reader.next()) {
        words.push_back(plain_value(reader.text_of(*token)));
        if (words.size() == 1 && (words[0] == "session" || words[0] == "local")) {
            words.clear();
        }
        if (words.size() == 3) {
            break;
        }
    }
    const std::string_view name = word_at(words, 0);
    const bool has_value = word_at(words, 1) == "to" || word_at(words, 1) == "=";
    facts.setting = has_value && !is_reset ? name : std::string_view();
    if (is_reset && name == "all") {
        facts.changes_reading = true;
        facts.resets_backslashes = true;
    } else if (is_reset) {
        note_setting(name, "default", facts);
    } else if (name == "names") {
        note_setting("client_encoding", word_at(words, 1), facts);
    } else {
        note_setting(name, word_at(words, 2), facts);
    }
}

/// set_config('name', 'value', …) anywhere in a query.
void note_set_config(TokenReader& reader, StatementFacts& facts)
{
    while (const Token* token = reader.next()) {
        if (token->kind != TokenKind::word ||
            !equal_ignoring_case(reader.text_of(*token), "set_config")) {
            continue;
        }
        Words arguments;
        for (const Token* next = reader.next(); next && arguments.size() < 4;
             next = reader.next()) {
            arguments.push_back(plain_value(reader.text_of(*next)));
        }
        facts.setting = word_at(arguments, 1);
        note_setting(word_at(arguments, 1), word_at(arguments, 3), facts);
    }
}

// Statements that name a database behind the word DATABASE.
constexpr std::array<std::string_view, 7> database_verbs = {
    "create", "drop", "alter", "comment", "grant", "revoke", "security"};

/// CREATE and DROP have the word in the second place, ALTER there or behind IN; the others say ON.
bool may_name_database(const Words& words)
{
    const std::string_view verb = word_at(words, 0);
    const std::string_view second = word_at(words, 1);
    return contains(database_verbs, verb) &&
           ((verb != "create" && verb != "drop" && verb != "alter") || second == "database" ||
            (verb == "alter" && (second == "role" || second == "user")));
}

void note_database(TokenReader& reader, StatementFacts& facts)
{
    bool is_next = false;
    while (const auto token = reader.next()) {
        const std::string_view word = reader.text_of(*token);
        const bool is_noise = equal_ignoring_case(word, "if") ||
                              equal_ignoring_case(word, "not") || // in MySQL's CREATE DATABASE
                              equal_ignoring_case(word, "exists");
        if (is_next && !is_noise) {
            facts.database = folded_name(word);
            facts.database_name = *token;
            return;
        }
        is_next = is_next || equal_ignoring_case(word, "database");
    }
}

std::string first_word(std::string_view statement)
{
    TokenReader reader(statement);
    const Token* first = reader.next();
    return first != nullptr && first->kind == TokenKind::word ? lower_ascii(reader.text_of(*first))
                                                              : std::string();
}

std::string utf8_text(unsigned code)
{
    const auto part = [&](unsigned shift, unsigned lead) {
        return static_cast<char>(lead | ((code >> shift) & 0x3FU));
    };
    if (code < 0x80) {
        return {static_cast<char>(code)};
    }
    if (code < 0x800) {
        return {static_cast<char>(0xC0U | (code >> 6U)), part(0, 0x80)};
    }
    if (code < 0x10000) {
        return {static_cast<char>(0xE0U | (code >> 12U)), part(6, 0x80), part(0, 0x80)};
    }
    return {static_cast<char>(0xF0U | (code >> 18U)), part(12, 0x80), part(6, 0x80), part(0, 0x80)};
}

/// U&"d\0061t\+000061": with the letters that the escapes stand for.
std::string without_escapes(const std::string& name)
{
    std::string text;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t digits = name.substr(at, 2) == "\\+" ? 6 : 4;
        const std::size_t begin = at + (digits == 6 ? 2 : 1);
        unsigned code = 0;
        const auto* const first = name.data() + std::min(begin, name.size());
        const auto* const last = name.data() + std::min(begin + digits, name.size());
        const bool is_code =
            name[at] == '\\' && std::from_chars(first, last, code, 16).ptr == first + digits;
        if (is_code) {
            text += utf8_text(code);
            at = begin + digits;
        } else {
            at += name.substr(at, 2) == "\\\\" ? 1 : 0;
            text += name[at++];
        }
    }
    return text;
}

} // namespace

std::string folded_name(std::string_view token)
{
    if (token.size() > 4 && (token[0] == 'u' || token[0] == 'U') && token.substr(1, 2) == "&\"") {
        return without_escapes(folded_name(token.substr(2)));
    }
    if (!token.starts_with('"') || token.size() < 2) {
        return lower_ascii(token);
    }
    std::string name;
    for (std::size_t at = 1; at + 1 < token.size(); ++at) {
        name += token[at];
        at += token[at] == '"' ? 1 : 0;
    }
    return name;
}

StatementFacts facts_of(std::string_view statement, Backslashes backslashes)
{
    StatementFacts facts;
    facts.verb = first_word(statement);
    // Of a file that is full of INSERTs only their first words are looked at.
    if (!contains(noted_verbs, facts.verb) && !contains(database_verbs, facts.verb)) {
        return facts;
    }
    const Words words = first_words(statement, 4);
    note_control(words, facts);
    TokenReader reader(statement, backslashes);
    const std::string_view first = facts.verb;
    if (may_name_database(words)) {
        note_database(reader, facts);
    } else if (first == "set" || first == "reset") {
        reader.next();
        note_set(reader, first == "reset", facts);
    } else if (first == "select" || first == "with") {
        note_set_config(reader, facts);
    }
    return facts;
}

std::vector<std::string> first_words(std::string_view statement, std::size_t count)
{
    Words words;
    TokenReader reader(statement);
    while (words.size() < count) {
        const Token* token = reader.next();
        if (!token || token->kind != TokenKind::word) {
            break;
        }
        words.push_back(lower_ascii(reader.text_of(*token)));
    }
    return words;
}

std::vector<Statement> split(std::string_view text, const ScannerOptions& options)
{
    Scanner scanner(options);
    scanner.feed(text);
    scanner.finish();
    std::vector<Statement> statements;
    while (const auto item = scanner.next()) {
        if (item->kind == Item::Kind::meta_command) {
            throw ScanError(item->place, "a psql command");
        }
        if (item->kind == Item::Kind::statement) {
            statements.push_back({std::string(item->text), item->place});
        }
    }
    return statements;
}

} // namespace crudctl::script
