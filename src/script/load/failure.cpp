#include "script/load/failure.hpp"

#include "script/load/hint.hpp"
#include "script/source/source_excerpt.hpp"
#include "script/sql/lexer.hpp"
#include "script/sql/odd_string.hpp"
#include "script/sql/sql_secrets.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view invalid_byte_sequence = "22021";
constexpr std::string_view integrity_class = "23";
constexpr std::string_view undefined_parameter = "42P02";
// protocol_violation: a value is missing; indeterminate_datatype
constexpr std::array<std::string_view, 2> unbound_states = {"08P01", "42P18"};

/// Where in the batch it failed: the part, and the byte of its text.
struct Spot {
    const Batch::Part* part = nullptr;
    std::size_t byte = 0;
};

std::size_t byte_in(std::string_view text, const pg::Diagnostic& diagnostic,
                    const FailureContext& context)
{
    if (diagnostic.sqlstate == invalid_byte_sequence) {
        const std::size_t byte = first_invalid_byte(text);
        return byte < text.size() ? byte : 0;
    }
    return diagnostic.position ? byte_of_position(text, *diagnostic.position, context.unit) : 0;
}

/// The first "$1" of a statement; npos where there is none.
std::size_t parameter_in(std::string_view statement)
{
    TokenReader reader(statement);
    while (const Token* token = reader.next()) {
        if (token->kind == TokenKind::number && reader.text_of(*token).starts_with('$')) {
            return token->begin;
        }
    }
    return std::string_view::npos;
}

/// Only PREPARE takes parameters. To a statement that is sent by itself the server gives some, and
/// then misses their values: psql, whose protocol has none, is told where they stand.
bool misses_parameter(const Batch::Part& part, std::string_view sqlstate)
{
    const bool may_be = std::ranges::find(unbound_states, sqlstate) != unbound_states.end();
    return may_be && parameter_in(part.text) != std::string_view::npos;
}

void tell_of_parameter(std::string_view statement, Spot& spot, ScriptFailure& failure)
{
    spot.byte = parameter_in(statement);
    const std::string_view parameter = statement.substr(spot.byte);
    failure.sqlstate = undefined_parameter;
    failure.message =
        fmt::format("there is no parameter {}",
                    parameter.substr(0, parameter.find_first_not_of("0123456789", 1)));
    failure.detail.clear();
}

/// The server parses such a message whole before anything of it runs. Later an error can only be
/// about the statement at hand.
Spot spot_in_message(const Batch& batch, const Batch::Part* failed, const pg::ServerError& error,
                     const FailureContext& context)
{
    const Batch::Message message = batch.message();
    const std::size_t byte = byte_in(message.text, error.diagnostic(), context);
    const auto behind = std::upper_bound(message.begins.begin(), message.begins.end(), byte);
    const auto index = static_cast<std::size_t>(behind - message.begins.begin()) - 1;
    const Batch::Part* positioned = &batch.parts[index];
    const bool is_parsing = failed == &batch.parts.front();
    return byte > 0 && (is_parsing || positioned == failed)
               ? Spot{positioned, byte - message.begins[index]}
               : Spot{failed, 0};
}

std::optional<Spot> spot_of(const Batch& batch, const pg::ServerError& error,
                            const FailureContext& context)
{
    const Batch::Part* part = batch.part_of(error.failed_result());
    if (part == nullptr) {
        return std::nullopt;
    }
    if (batch.is_message()) {
        return spot_in_message(batch, part, error, context);
    }
    // What EXECUTE runs was sent earlier, and so its positions are of that.
    const std::size_t byte =
        part->verb == "execute" ? 0 : byte_in(part->text, error.diagnostic(), context);
    return Spot{part, byte < part->text.size() ? byte : 0};
}

/// The number in "COPY t, line 7, column id", whatever words the server's language puts around it.
/// Of the statement's own table alone: Citus counts the lines that go to one of its shards.
std::optional<std::size_t> copy_line(std::string_view context, std::string_view statement)
{
    constexpr std::string_view label = "COPY ";
    const std::size_t comma = context.find(", ");
    if (!context.starts_with(label) || comma == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string table(context.substr(label.size(), comma - label.size()));
    const std::vector<std::string> names = names_in(statement);
    if (std::ranges::find(names, table) == names.end()) {
        return std::nullopt;
    }
    const std::size_t digits = context.find_first_of("0123456789", comma);
    std::size_t line = 0;
    if (digits == std::string_view::npos ||
        std::from_chars(context.data() + digits, context.data() + context.size(), line).ec !=
            std::errc() ||
        line == 0) {
        return std::nullopt;
    }
    return line;
}

/// Where it is, and in which file: the data of a COPY may lie in another one.
struct Found {
    SharedSource source;
    Place place;
};

Found place_of(const Batch& batch, const Spot& spot, const pg::Diagnostic& diagnostic)
{
    const Batch::Part& part = *spot.part;
    if (part.copy) {
        const ScriptReader::CopyPlace& data = batch.copies[*part.copy].place;
        const auto line = copy_line(diagnostic.context, part.text);
        if (line && data.source) {
            return {data.source, data.source->place_of_line(data.begin, *line - 1)};
        }
    }
    const std::size_t distance = source_distance(part.expansions, spot.byte);
    return {part.source, part.source->place_at(part.place, part.place.offset + distance)};
}

/// What the server says may repeat the statement, or a literal of it.
void mask(ScriptFailure& failure, const SqlSecrets& secrets)
{
    for (std::string* text : {&failure.message, &failure.detail, &failure.hint, &failure.context}) {
        *text = secrets.masked(*text);
    }
}

/// A statement of the loader's own failed, around those of the file.
ScriptError failure_of_own(const Batch& batch, const pg::ServerError& error,
                           const FailureContext& context)
{
    const bool is_behind = error.failed_result() >= batch.parts_end();
    if (is_behind) {
        return failure_of_commit(context.file, error, context);
    }
    ScriptFailure failure = failure_of_server(error, context);
    failure.file = context.file;
    failure.place.line = 0;
    failure.message = "before the first statement: " + failure.message;
    return {error.code(), std::move(failure)};
}

/// The query inside a function that failed, with its caret: its text is in no file.
std::vector<std::string> inner_query(const pg::Diagnostic& diagnostic,
                                     const FailureContext& context)
{
    if (diagnostic.internal_query.empty()) {
        return {};
    }
    const std::string& query = diagnostic.internal_query;
    const std::size_t at =
        byte_of_position(query, diagnostic.internal_position.value_or(1), context.unit);
    return source_excerpt(query, advanced({}, std::string_view(query).substr(0, at)),
                          context.columns);
}

} // namespace

ScriptFailure failure_of_server(const pg::ServerError& error, const FailureContext& context)
{
    const pg::Diagnostic& diagnostic = error.diagnostic();
    ScriptFailure failure;
    failure.message = diagnostic.primary;
    failure.sqlstate = diagnostic.sqlstate;
    failure.detail = diagnostic.detail;
    failure.hint = diagnostic.hint;
    failure.context = diagnostic.context;
    failure.state = context.state;
    failure.inner_query = inner_query(diagnostic, context);
    mask(failure, SqlSecrets(diagnostic.internal_query));
    return failure;
}

ScriptError failure_of_batch(const Batch& batch, const pg::ServerError& error,
                             const FailureContext& context)
{
    auto spot = spot_of(batch, error, context);
    if (!spot) {
        return failure_of_own(batch, error, context);
    }
    ScriptFailure failure = failure_of_server(error, context);
    if (misses_parameter(*spot->part, error.sqlstate())) {
        tell_of_parameter(spot->part->text, *spot, failure);
    }
    const Found found = place_of(batch, *spot, error.diagnostic());
    failure.file = found.source->shown();
    failure.place = found.place;
    failure.source = found.source->excerpt(found.place, context.columns);
    failure.statement = spot->part->number;
    failure.statements = context.statements;
    failure.statement_file = context.file;
    const std::string_view statement = spot->part->text;
    SqlSecrets secrets(statement);
    for (const std::string& secret : context.secrets) {
        secrets.add(secret);
    }
    mask(failure, secrets);
    if (failure.sqlstate == pg::sqlstate::syntax_error && names_secret(statement) &&
        odd_string_in(statement, batch.backslashes, spot->byte)) {
        failure.message = "syntax error behind a quoted string";
        failure.source.clear(); // a secret is no string then, or what is masked is none
    }
    failure.names =
        error.diagnostic().position ? names_at(statement, spot->byte) : names_in(statement);
    const std::string hint = own_hint({failure.sqlstate, *spot->part, statement, spot->byte,
                                       batch.backslashes, context.has_no_transaction_option});
    failure.hint = hint.empty() ? failure.hint : hint;
    return {error.code(), std::move(failure)};
}

ScriptError failure_of_commit(const std::string& files, const pg::ServerError& error,
                              const FailureContext& context)
{
    ScriptFailure failure = failure_of_server(error, context);
    const bool is_deferred = failure.sqlstate.starts_with(integrity_class);
    failure.file = files;
    failure.place.line = 0;
    failure.is_hidden_reach = failure.sqlstate == pg::sqlstate::failed_test;
    failure.message = (is_deferred ? "at the commit, a deferred constraint: " : "at the commit: ") +
                      failure.message;
    return {error.code(), std::move(failure)};
}

} // namespace crudctl::script
