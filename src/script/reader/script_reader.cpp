#include "script/reader/script_reader.hpp"

#include "script/reader/file_rules.hpp"
#include "script/sql/sql_secrets.hpp"
#include "support/process/interrupt.hpp"
#include "support/system/private_file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace crudctl::script {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{128} << 10U;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// psql takes semicolons off names of files and databases.
void drop_semicolons(std::string& argument)
{
    argument.erase(argument.find_last_not_of(';') + 1);
}

/// The usual way to make a database that may be there: a query composes it for \gexec.
bool composes_database(std::string_view statement)
{
    const std::string text = lower_ascii(statement);
    return text.find("create database") != std::string::npos ||
           text.find("drop database") != std::string::npos;
}

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

std::optional<Piece> ScriptReader::open_statement()
{
    const auto item = m_levels.empty() ? std::nullopt : m_levels.back()->scanner.open_statement();
    if (!item) {
        return std::nullopt;
    }
    Piece piece;
    piece.text = item->text;
    piece.source = m_levels.back()->source;
    piece.place = item->place;
    piece.expansions = item->expansions;
    piece.number = m_statements + 1;
    piece.backslashes = m_backslashes;
    return piece;
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
        ScriptFailure failure =
            refusal(*m_levels.back()->source, error.place(), error.what(), error.hint()).failure();
        // Where quotes are wrong, a secret may be no string.
        if (std::ranges::any_of(failure.source, names_secret)) {
            failure.source.clear();
        }
        throw ScriptError(ExitCode::failed, std::move(failure));
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
    m_is_database_composed = !item.has_semicolon && composes_database(item.text);
    if (!m_rules.is_to_be_sent(item, piece.facts, m_levels.back()->source)) {
        return std::nullopt;
    }
    piece.text = item.text;
    piece.surroundings = item.surroundings;
    piece.source = m_levels.back()->source;
    piece.place = item.place;
    piece.expansions = item.expansions;
    if (m_digest != nullptr && !piece.expansions.empty()) {
        m_digest->take_expanded(piece.text);
    }
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

/// psql is given a file by its name, and reads it when it gets there.
std::string ScriptReader::psql_hint(std::string_view command) const
{
    const SourceFile& file = *m_levels.front()->source;
    if (!is_psql_command(command) || !m_settings.has_via_option) {
        return "take it out";
    }
    if (m_is_database_composed) {
        return "take it out: the files are for one database, which crudctl makes";
    }
    if (is_stream(file.path())) {
        return "psql itself can run it: save it as a file, then --via psql";
    }
    return file.path().extension() == ".gz" ? "psql itself can run it: gunzip it, then --via psql"
                                            : "psql itself can run the file: --via psql";
}

void ScriptReader::refuse(const Place& place, const std::string& message,
                          const std::string& hint) const
{
    throw refusal(*m_levels.back()->source, place, message, hint);
}

void ScriptReader::refuse_command(const Item& item, std::string_view name,
                                  std::string_view where) const
{
    const std::string message =
        is_psql_command(name)
            ? fmt::format("\"\\{}\" is a command of psql that is not followed {}", name, where)
            : fmt::format("\"\\{}\" is no command of psql", printable(name));
    refuse(item.place, message, psql_hint(name));
}

std::optional<Piece> ScriptReader::take_meta_command(const Item& item)
{
    const MetaCommand command = parse_meta_command(item.text);
    try {
        return follow(item, command);
    } catch (const ScriptError&) {
        throw;
    } catch (const Error& error) {
        refuse(item.place, fmt::format("\"\\{}\": {}", printable(command.name), error.what()),
               error.hint().empty() ? psql_hint(command.name) : error.hint());
    }
}

std::optional<Piece> ScriptReader::follow(const Item& item, const MetaCommand& command)
{
    const std::string_view name = command.name;
    if (is_one_of(name, {"restrict", "unrestrict"})) {
        m_rules.take_restriction(item, name, command.arguments, m_levels.back()->source);
        return std::nullopt;
    }
    m_rules.require_unrestricted(item, name, m_levels.back()->source);
    if (item.is_inside_statement) {
        if (name == "g" && command.arguments.empty()) {
            return std::nullopt; // it only ends the statement, like a semicolon
        }
        refuse_command(item, name, "inside a statement");
    }
    if (name == "copy") {
        return copy_from(item, command);
    }
    auto arguments = arguments_of(command, *m_variables);
    if (is_one_of(name, {"i", "include", "ir", "include_relative", "c", "connect"})) {
        std::for_each(arguments.begin(), arguments.end(), drop_semicolons);
    }
    if (is_one_of(name, {"echo", "qecho", "warn"})) {
        return echo(arguments);
    }
    if (name == "set") {
        set_variable(item, arguments);
    } else if (name == "unset" && arguments.size() == 1) {
        m_variables->unset(arguments.front());
    } else if (is_one_of(name, {"i", "include"})) {
        include(item, arguments, false);
    } else if (is_one_of(name, {"ir", "include_relative"})) {
        include(item, arguments, true);
    } else if (name == "encoding" && arguments.size() == 1) {
        return set_encoding(item, arguments);
    } else if (is_one_of(name, {"c", "connect"})) {
        m_rules.take_connect(item, arguments, m_levels.back()->source);
        return begin_session();
    } else if (only_shows_something(name)) {
        m_rules.leave_out(fmt::format("\\{}", name));
    } else {
        refuse_command(item, name, "here");
    }
    return std::nullopt;
}

Piece ScriptReader::begin_session()
{
    m_backslashes = m_settings.backslashes;
    m_levels.back()->scanner.set_backslashes(m_backslashes);
    Piece piece;
    piece.kind = Piece::Kind::session;
    return piece;
}

Piece ScriptReader::echo(const std::vector<std::string>& arguments)
{
    const bool has_flag = !arguments.empty() && arguments.front() == "-n";
    m_text =
        fmt::format("{}", fmt::join(arguments.begin() + (has_flag ? 1 : 0), arguments.end(), " "));
    Piece piece;
    piece.kind = Piece::Kind::message;
    piece.text = m_text;
    return piece;
}

// Several words are put together, as psql does it; without any, it only shows what there is.
void ScriptReader::set_variable(const Item& item, const std::vector<std::string>& arguments)
{
    if (arguments.empty()) {
        return;
    }
    if (!Variables::is_name(arguments.front())) {
        refuse(item.place,
               fmt::format("\"{}\" cannot be a variable's name", printable(arguments.front())),
               "letters, digits and underscores can");
    }
    m_variables->set(arguments.front(),
                     fmt::format("{}", fmt::join(arguments.begin() + 1, arguments.end(), "")));
}

void ScriptReader::include(const Item& item, const std::vector<std::string>& arguments,
                           bool is_relative)
{
    if (arguments.size() != 1) {
        refuse(item.place, "an include that does not name one file", "name one: \\ir other.sql");
    }
    SharedSource source = opened(item, resolved(arguments.front(), is_relative), Content::sql);
    const bool is_open =
        std::any_of(m_levels.begin(), m_levels.end(), [&](const std::unique_ptr<Level>& level) {
            std::error_code ignored;
            return std::filesystem::equivalent(level->source->path(), source->path(), ignored);
        });
    if (is_open) {
        refuse(item.place, fmt::format("\"{}\" includes itself", source->shown()),
               "take the include out: it would never end");
    }
    open(std::move(source));
}

Piece ScriptReader::copy_from(const Item& item, const MetaCommand& command)
{
    const CopyCommand copy = parse_copy_command(command.arguments);
    Piece piece = own_statement(item, copy.sql);
    piece.has_copy_data = true;
    if (copy.file) {
        m_copy_file = opened(item, resolved(*copy.file, false), Content::copy_data);
        m_copy_offset = 0;
        m_known_bytes += m_copy_file->size();
        if (m_digest != nullptr) {
            m_digest->open(m_copy_file);
        }
    } else {
        m_levels.back()->scanner.begin_copy_data(item.place);
    }
    return piece;
}

Piece ScriptReader::set_encoding(const Item& item, const std::vector<std::string>& arguments)
{
    Piece piece = own_statement(
        item, fmt::format("SET client_encoding TO {}", literal_text(arguments.front())));
    Item statement = item;
    statement.text = m_text;
    m_rules.is_to_be_sent(statement, piece.facts, m_levels.back()->source);
    return piece;
}

/// A statement that stands for one of psql's commands: all of it lies where the command begins.
Piece ScriptReader::own_statement(const Item& item, std::string text)
{
    m_text = std::move(text);
    Piece piece;
    piece.text = m_text;
    piece.source = m_levels.back()->source;
    piece.place = item.place;
    piece.expansions = {{0, m_text.size(), item.text.size()}};
    piece.number = ++m_statements;
    piece.facts = facts_of(m_text, m_backslashes);
    piece.backslashes = m_backslashes;
    if (m_digest != nullptr) {
        m_digest->take_expanded(piece.text);
    }
    return piece;
}

std::filesystem::path ScriptReader::resolved(const std::string& name, bool is_relative) const
{
    const std::filesystem::path path(name);
    if (path.is_absolute()) {
        return path;
    }
    if (is_relative) {
        return m_levels.back()->source->path().parent_path() / path;
    }
    const std::filesystem::path in_project = m_settings.root / path;
    return is_there(in_project) ? in_project : std::filesystem::absolute(path);
}

SharedSource ScriptReader::opened(const Item& item, const std::filesystem::path& path,
                                  Content content)
{
    const ScriptFile file = ScriptFile::below(m_settings.root, path.lexically_normal());
    try {
        return content == Content::sql ? open_sql(file, m_settings.loading_command)
                                       : std::make_shared<const SourceFile>(file);
    } catch (const Error& error) {
        ScriptError refused =
            refusal(*m_levels.back()->source, item.place, error.what(), error.hint());
        throw ScriptError(ExitCode::configuration, refused.failure());
    }
}

} // namespace crudctl::script
