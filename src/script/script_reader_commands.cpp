#include "script/copy_command.hpp"
#include "script/script_reader.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

// The part of a ScriptReader that knows psql's own commands.
namespace crudctl::script {

namespace {

// They change what psql shows, and nothing in the database.
constexpr std::array<std::string_view, 10> display_commands = {
    "a", "C", "f", "H", "pset", "t", "T", "timing", "x", "errverbose"};

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// psql takes semicolons off names of files and databases.
void drop_semicolons(std::string& argument)
{
    argument.erase(argument.find_last_not_of(';') + 1);
}

constexpr const char* psql_hint = "psql itself can run the file: --via psql";

} // namespace

std::optional<Piece> ScriptReader::take_meta_command(const Item& item)
{
    const MetaCommand command = parse_meta_command(item.text);
    try {
        return follow(item, command);
    } catch (const ScriptError&) {
        throw;
    } catch (const Error& error) {
        refuse(item.place, fmt::format("\"\\{}\": {}", printable(command.name), error.what()),
               error.hint().empty() ? psql_hint : error.hint());
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
        refuse(item.place,
               fmt::format("\"\\{}\" is a command of psql that is not followed inside a statement",
                           printable(name)),
               psql_hint);
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
    } else if (std::find(display_commands.begin(), display_commands.end(), name) !=
               display_commands.end()) {
        m_rules.leave_out(fmt::format("\\{}", name));
    } else {
        refuse(
            item.place,
            fmt::format("\"\\{}\" is a command of psql that is not followed here", printable(name)),
            psql_hint);
    }
    return std::nullopt;
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
    SharedSource source = opened(item, resolved(arguments.front(), is_relative));
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
        m_copy_file = opened(item, resolved(*copy.file, false));
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

SharedSource ScriptReader::opened(const Item& item, const std::filesystem::path& path)
{
    try {
        return std::make_shared<const SourceFile>(
            ScriptFile::below(m_settings.root, path.lexically_normal()));
    } catch (const Error& error) {
        ScriptError refused = refusal(*m_levels.back()->source, item.place, error.what(), {});
        throw ScriptError(ExitCode::configuration, refused.failure());
    }
}

} // namespace crudctl::script
