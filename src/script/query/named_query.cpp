#include "script/query/named_query.hpp"

#include "script/effect/effect.hpp"
#include "script/query/parameter_reader.hpp"
#include "script/sql/character_class.hpp"
#include "script/sql/scanner.hpp"
#include "script/sql/statement.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::size_t most_parameters = 65535; // of one message, as the protocol counts them

constexpr std::string_view blanks = " \t\r\n";

/// Makes the statement that is sent.
class QueryWriter {
public:
    QueryWriter(NamedQuery& query, std::string_view statement, bool is_percent)
        : m_query(query), m_statement(statement), m_is_percent(is_percent)
    {}

    void copy_to(std::size_t end);
    void put(const ParameterReference& reference);

private:
    void replace(std::string_view text, std::size_t source_size);
    std::size_t number_of(std::string_view parameter);

    NamedQuery& m_query;
    std::string_view m_statement;
    bool m_is_percent;
    std::size_t m_copied = 0; // of the statement
};

void QueryWriter::copy_to(std::size_t end)
{
    while (m_copied < end) {
        const std::string_view rest = m_statement.substr(m_copied, end - m_copied);
        const std::size_t size =
            m_is_percent ? std::min(rest.find("%%"), rest.size()) : rest.size();
        m_query.sql += rest.substr(0, size);
        m_copied += size;
        if (size < rest.size()) {
            replace("%", 2);
        }
    }
}

void QueryWriter::put(const ParameterReference& reference)
{
    // psycopg puts a text in quotes there, which ends the word before it.
    const bool would_join = !m_query.sql.empty() && continues_name(m_query.sql.back());
    replace(fmt::format("{}${}", would_join ? " " : "", number_of(reference.name)), reference.size);
}

void QueryWriter::replace(std::string_view text, std::size_t source_size)
{
    m_query.expansions.push_back({m_query.sql.size(), text.size(), source_size});
    m_query.sql += text;
    m_copied += source_size;
}

std::size_t QueryWriter::number_of(std::string_view parameter)
{
    std::vector<std::string>& names = m_query.parameters;
    const auto found = std::find(names.begin(), names.end(), parameter);
    if (found != names.end()) {
        return static_cast<std::size_t>(found - names.begin()) + 1;
    }
    names.emplace_back(parameter);
    return names.size();
}

void replace_references(NamedQuery& query, std::string_view statement)
{
    ParameterReader reader(statement);
    QueryWriter writer(query, statement, reader.is_percent());
    while (const auto reference = reader.next()) {
        writer.copy_to(reference->at);
        writer.put(*reference);
    }
    writer.copy_to(statement.size());
}

/// The first line of the comments before the statement that says something; aiosql's `name:` is for
/// aiosql.
std::string description_of(std::string_view comments)
{
    if (comments.starts_with("\xEF\xBB\xBF")) {
        comments.remove_prefix(3);
    }
    while (!comments.empty()) {
        std::string_view line = comments.substr(0, comments.find('\n'));
        comments.remove_prefix(std::min(line.size() + 1, comments.size()));
        const auto first = line.find_first_not_of("-/* \t\r");
        line = first == std::string_view::npos ? std::string_view() : line.substr(first);
        if (const auto close = line.find("*/"); close != std::string_view::npos) {
            line = line.substr(0, close);
        }
        line = trimmed(line);
        if (!line.empty() && !line.starts_with("name:")) {
            return std::string(line);
        }
    }
    return {};
}

QueryEffect query_effect(std::string_view statement)
{
    if (only_reads(statement)) {
        return calls_outside(statement) ? QueryEffect::disrupts : QueryEffect::reads;
    }
    return effect_of(statement) == Effect::destroys ? QueryEffect::destroys : QueryEffect::adds;
}

void require_query(const Item& item)
{
    const StatementFacts facts = facts_of(item.text);
    if (item.is_copy_from_stdin || facts.verb == "copy") {
        throw ScanError(item.place, "COPY is no query: it takes or gives a file of rows",
                        "crudctl seed loads one, psql's \\copy writes one");
    }
    if (facts.control != Control::none) {
        throw ScanError(item.place, fmt::format("{} begins or ends a transaction, and a query runs "
                                                "in one of its own",
                                                facts.verb));
    }
}

/// The text's only statement.
struct Only {
    std::string text;
    Place place;
};

Only only_statement(std::string_view text)
{
    Scanner scanner;
    scanner.feed(text);
    scanner.finish();
    std::optional<Only> only;
    while (const auto item = scanner.next()) {
        if (item->kind == Item::Kind::meta_command) {
            throw ScanError(item->place, "a command of psql's, which only psql can run");
        }
        if (only) {
            throw ScanError(item->place, "a second statement, and a query is one");
        }
        require_query(*item);
        only = {std::string(item->text), item->place};
    }
    if (!only) {
        throw ScanError({}, "there is no statement in it");
    }
    return *only;
}

/// A place in the statement, as a place in the file.
Place moved(const Place& statement, const Place& inside)
{
    return {statement.offset + inside.offset, statement.line + inside.line - 1,
            inside.line == 1 ? statement.column + inside.column - 1 : inside.column};
}

} // namespace

NamedQuery parse_named_query(std::string_view text)
{
    Only only = only_statement(text);
    while (only.text.ends_with(';') || blanks.find(only.text.back()) != std::string_view::npos) {
        only.text.pop_back();
    }
    NamedQuery query;
    query.place = only.place;
    query.description = description_of(text.substr(0, only.place.offset));
    try {
        replace_references(query, only.text);
    } catch (const ScanError& error) {
        throw ScanError(moved(only.place, error.place()), error.what(), error.hint());
    }
    if (query.parameters.size() > most_parameters) {
        throw ScanError(only.place, fmt::format("more than {} parameters", most_parameters));
    }
    query.effect = query_effect(query.sql);
    query.calls = query.effect == QueryEffect::adds && effect_of(query.sql) == Effect::calls;
    return query;
}

Place place_in_file(const NamedQuery& query, std::string_view text, std::size_t at)
{
    const std::size_t distance = source_distance(query.expansions, at);
    return advanced(query.place, text.substr(query.place.offset, distance));
}

std::size_t first_use(const NamedQuery& query, std::string_view parameter)
{
    const auto name = std::find(query.parameters.begin(), query.parameters.end(), parameter);
    const std::string number = fmt::format("${}", name - query.parameters.begin() + 1);
    for (const Expansion& expansion : query.expansions) {
        if (trimmed(std::string_view(query.sql).substr(expansion.begin, expansion.size)) ==
            number) {
            return expansion.begin;
        }
    }
    throw std::logic_error("the query has no parameter " + std::string(parameter));
}

} // namespace crudctl::script
