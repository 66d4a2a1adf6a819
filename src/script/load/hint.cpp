#include "script/load/hint.hpp"

#include "pg/error.hpp"
#include "script/sql/odd_string.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view active_transaction = "25001";
constexpr std::string_view unsafe_new_enum_value = "55P04";
constexpr std::string_view out_of_memory = "53200";
constexpr std::string_view duplicate_object = "42710";
constexpr std::string_view undefined_function = "42883";

constexpr std::size_t most_names = 100;
constexpr std::size_t largest_looked_at_again = std::size_t{64} << 20U;

/// What extensions bring that schemas use without saying where it is from.
struct ExtensionObject {
    std::string_view name;
    std::string_view extension;
};
constexpr std::array<ExtensionObject, 28> extension_objects = {{
    {"uuid_generate_v1", "uuid-ossp"},
    {"uuid_generate_v1mc", "uuid-ossp"},
    {"uuid_generate_v4", "uuid-ossp"},
    {"uuid_generate_v5", "uuid-ossp"},
    {"crypt", "pgcrypto"},
    {"gen_salt", "pgcrypto"},
    {"gen_random_bytes", "pgcrypto"},
    {"digest", "pgcrypto"},
    {"hmac", "pgcrypto"},
    {"pgp_sym_encrypt", "pgcrypto"},
    {"citext", "citext"},
    {"hstore", "hstore"},
    {"ltree", "ltree"},
    {"cube", "cube"},
    {"similarity", "pg_trgm"},
    {"word_similarity", "pg_trgm"},
    {"gin_trgm_ops", "pg_trgm"},
    {"gist_trgm_ops", "pg_trgm"},
    {"unaccent", "unaccent"},
    {"levenshtein", "fuzzystrmatch"},
    {"soundex", "fuzzystrmatch"},
    {"earth_distance", "earthdistance"},
    {"crosstab", "tablefunc"},
    {"geometry", "postgis"},
    {"geography", "postgis"},
    {"st_makepoint", "postgis"},
    {"vector", "vector"},
    {"vector_cosine_ops", "vector"},
}};

bool is_name(const Token* token)
{
    return token != nullptr &&
           (token->kind == TokenKind::word || token->kind == TokenKind::quoted_name);
}

std::string extension_hint(std::string_view name)
{
    const auto found = std::find_if(extension_objects.begin(), extension_objects.end(),
                                    [&](const ExtensionObject& o) { return o.name == name; });
    return found == extension_objects.end()
               ? std::string()
               : fmt::format("the extension \"{0}\" has it: create extension if not exists \"{0}\"",
                             found->extension);
}

/// The server gives no position for an operator class: any known name in the statement will do.
std::string extension_of_statement(const Refusal& refusal)
{
    const auto names =
        refusal.at == 0 ? names_in(refusal.statement) : names_at(refusal.statement, refusal.at);
    for (const std::string& name : names) {
        if (auto hint = extension_hint(name); !hint.empty()) {
            return hint;
        }
    }
    return {};
}

/// The relation or the type that a statement creates, without its schema; empty for anything else.
std::string created_name(std::string_view statement)
{
    TokenReader reader(statement);
    const auto first = reader.next();
    if (!first || !equal_ignoring_case(reader.text_of(*first), "create")) {
        return {};
    }
    bool is_kind_known = false;
    for (auto token = reader.next(); token; token = reader.next()) {
        const std::string_view word = reader.text_of(*token);
        const bool is_noise = equal_ignoring_case(word, "if") || equal_ignoring_case(word, "not") ||
                              equal_ignoring_case(word, "exists");
        if (is_kind_known && !is_noise) {
            const auto names = names_at(statement, token->begin);
            return names.empty() ? std::string() : names.front();
        }
        is_kind_known = is_kind_known || equal_ignoring_case(word, "table") ||
                        equal_ignoring_case(word, "view") || equal_ignoring_case(word, "type");
        if (token->kind != TokenKind::word) {
            return {};
        }
    }
    return {};
}

bool creates_role(std::string_view statement)
{
    TokenReader reader(statement);
    const Token* token = reader.next();
    if (token == nullptr || !equal_ignoring_case(reader.text_of(*token), "create")) {
        return false;
    }
    token = reader.next();
    const std::string kind = token == nullptr ? "" : lower_ascii(reader.text_of(*token));
    return kind == "role" || kind == "user" || kind == "group";
}

/// The server stumbles where a quote too many, or one too few, has led it.
std::string quote_hint(const Refusal& refusal)
{
    const Batch::Part& part = refusal.part;
    const auto odd = odd_string_in(refusal.statement, refusal.backslashes, refusal.at);
    if (!odd || part.source == nullptr) {
        return {};
    }
    const std::size_t distance = source_distance(part.expansions, odd->begin);
    return odd->hint(part.source->place_at(part.place, part.place.offset + distance).line);
}

/// For what does not fit into the one transaction of all files.
std::string transaction_hint(const Refusal& refusal)
{
    const bool has_option = refusal.has_no_transaction_option;
    const std::string_view sqlstate = refusal.sqlstate;
    if (sqlstate == active_transaction || sqlstate == pg::sqlstate::invalid_termination) {
        return std::string("all files load in one transaction, and this cannot run inside one: ") +
               (has_option ? "--no-transaction sends each statement by itself" : "take it out");
    }
    if (sqlstate == unsafe_new_enum_value) {
        return std::string("a value that is added to an enum can be used only after the commit: "
                           "give it to CREATE TYPE") +
               (has_option ? ", or --no-transaction" : "");
    }
    if (sqlstate == out_of_memory) {
        return std::string("one transaction holds a lock for each object that it makes: ") +
               (has_option ? "--no-transaction, or " : "") +
               "raise the server's max_locks_per_transaction";
    }
    return {};
}

} // namespace

std::string own_hint(const Refusal& refusal)
{
    const std::string_view sqlstate = refusal.sqlstate;
    if (std::string hint = transaction_hint(refusal); !hint.empty()) {
        return hint;
    }
    if (sqlstate == pg::sqlstate::syntax_error && refusal.at > 0) {
        return quote_hint(refusal);
    }
    if (sqlstate == pg::sqlstate::lock_not_available) {
        return "crudctl sessions shows who holds it; --lock-timeout waits longer";
    }
    if (sqlstate == duplicate_object && creates_role(refusal.statement)) {
        return "a role belongs to the server and outlives the database: do $$ begin create role …; "
               "exception when duplicate_object then null; end $$";
    }
    if (sqlstate == pg::sqlstate::undefined_object && !refusal.part.setting.empty()) {
        return fmt::format("this server is too old for \"{}\", or has no such setting: "
                           "--ignore-unknown-settings leaves out what it does not know",
                           printable(refusal.part.setting));
    }
    if (sqlstate == pg::sqlstate::undefined_object || sqlstate == undefined_function) {
        return extension_of_statement(refusal);
    }
    return {};
}

bool may_look_again(const FileOutline& file)
{
    return file.bytes <= largest_looked_at_again;
}

std::vector<std::string> names_at(std::string_view statement, std::size_t at)
{
    TokenReader reader(statement.substr(std::min(at, statement.size())));
    const Token* token = reader.next();
    if (!is_name(token)) {
        return {};
    }
    std::string name = folded_name(reader.text_of(*token));
    token = reader.next();
    if (token != nullptr && reader.text_of(*token) == ".") {
        token = reader.next();
        if (is_name(token)) {
            name = folded_name(reader.text_of(*token));
        }
    }
    return {name};
}

std::vector<std::string> names_in(std::string_view statement)
{
    std::vector<std::string> names;
    TokenReader reader(statement);
    for (auto token = reader.next(); token && names.size() < most_names; token = reader.next()) {
        if (is_name(token)) {
            names.push_back(folded_name(reader.text_of(*token)));
        }
    }
    return names;
}

std::string created_later(const FileOutline& file, const ScriptSettings& settings,
                          const Variables& variables, std::size_t number,
                          const std::vector<std::string>& names)
{
    if (!may_look_again(file)) {
        return {};
    }
    ScriptReader reader(file.source, settings, variables);
    while (const auto piece = reader.next()) {
        const std::string created = piece->number > number ? created_name(piece->text) : "";
        if (!created.empty() && std::find(names.begin(), names.end(), created) != names.end()) {
            return fmt::format("\"{}\" is created only later, in {}:{}", printable(created),
                               piece->source->shown(), piece->place.line);
        }
    }
    return {};
}

std::string hint_about_timeout(pg::Connection& connection)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> sources = {{
        {"user", "ALTER ROLE … SET"},
        {"database user", "ALTER ROLE … IN DATABASE … SET"},
        {"database", "ALTER DATABASE … SET"},
        {"configuration file", "the server's configuration"},
        {"client", "the options of the connection"},
    }};
    const pg::Result found =
        connection.exec("select pg_catalog.current_setting('statement_timeout') as value, s.source"
                        " from pg_catalog.pg_settings s"
                        " where s.name operator(pg_catalog.=) 'statement_timeout'");
    if (found.empty() || found[0].text("value") == "0") {
        return {};
    }
    const std::string source = found[0].text("source");
    const auto* known =
        std::ranges::find(sources, source, [](const auto& one) { return one.first; });
    return fmt::format(
        "statement_timeout is {}{}: \"SET statement_timeout = 0;\" in the file lifts it "
        "for that file",
        found[0].text("value"), known == sources.end() ? "" : fmt::format(" by {}", known->second));
}

} // namespace crudctl::script
