#include "script/load/failure.hpp"

#include "script/load/hint.hpp"
#include "script/source/source_excerpt.hpp"
#include "script/sql/sql_secrets.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view invalid_byte_sequence = "22021";
constexpr std::string_view integrity_class = "23";

/// Where in the batch it failed: the part, and the byte of the batch's text.
struct Spot {
    const Batch::Part* part = nullptr;
    std::size_t byte = 0;
};

std::optional<Spot> spot_of(const Batch& batch, const pg::ServerError& error,
                            const FailureContext& context)
{
    const pg::Diagnostic& diagnostic = error.diagnostic();
    const bool nothing_ran = error.failed_result() == 0;
    if (nothing_ran && diagnostic.sqlstate == invalid_byte_sequence) {
        const std::size_t byte = first_invalid_byte(batch.text);
        return Spot{batch.part_at(byte), byte};
    }
    const Batch::Part* part = batch.part_of(error.failed_result());
    if (diagnostic.position) {
        const std::size_t byte = byte_of_position(batch.text, *diagnostic.position, context.unit);
        const Batch::Part* positioned = batch.part_at(byte);
        // Before anything runs the whole batch is parsed; later an error can only be about the
        // statement at hand. What EXECUTE runs was sent earlier, and so its positions are of that.
        const bool is_execute = part != nullptr && part->verb == "execute";
        const bool is_parsing = nothing_ran && !is_execute;
        if (positioned != nullptr && (is_parsing || positioned == part)) {
            return Spot{positioned, byte};
        }
    }
    return part == nullptr ? std::nullopt : std::optional(Spot{part, part->begin});
}

/// The number in "COPY t, line 7, column id", whatever words the server's language puts around it.
std::optional<std::size_t> copy_line(std::string_view context)
{
    const std::size_t comma = context.find(", ");
    if (!context.starts_with("COPY ") || comma == std::string_view::npos) {
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
        const auto line = copy_line(diagnostic.context);
        if (line && data.source) {
            return {data.source, data.source->place_of_line(data.begin, *line - 1)};
        }
    }
    const std::size_t at = std::min(spot.byte - spot.part->begin, part.size);
    return {part.source, part.source->place_at(
                             part.place, part.place.offset + source_distance(part.expansions, at))};
}

/// What the server says may repeat the statement, or a literal of it.
void mask(ScriptFailure& failure, const SqlSecrets& secrets)
{
    for (std::string* text : {&failure.message, &failure.detail, &failure.hint, &failure.context}) {
        *text = secrets.masked(*text);
    }
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
    ScriptFailure failure = failure_of_server(error, context);
    failure.file = context.file;
    if (const auto spot = spot_of(batch, error, context); spot && spot->part != nullptr) {
        const Found found = place_of(batch, *spot, error.diagnostic());
        failure.file = found.source->shown();
        failure.place = found.place;
        failure.source = found.source->excerpt(found.place, context.columns);
        failure.statement = spot->part->number;
        failure.statements = context.statements;
        failure.statement_file = context.file;
        const std::string_view statement = batch.text_of(*spot->part);
        mask(failure, SqlSecrets(statement));
        const std::size_t at = std::min(spot->byte - spot->part->begin, spot->part->size);
        failure.names = error.diagnostic().position ? names_at(statement, at) : names_in(statement);
        const std::string hint = own_hint({failure.sqlstate, *spot->part, statement, at});
        failure.hint = hint.empty() ? failure.hint : hint;
        return {error.code(), std::move(failure)};
    }
    if (failure.sqlstate == pg::sqlstate::failed_test) { // of all that ran, not of these alone
        failure.is_hidden_reach = true;
        return {error.code(), std::move(failure)};
    }
    const Batch::Part& first = batch.parts.front();
    const Batch::Part& last = batch.parts.back();
    failure.file = first.source->shown();
    failure.place = first.place;
    failure.has_column = false;
    // Behind the last one only what was put off can fail.
    const bool is_deferred = failure.sqlstate.starts_with(integrity_class) &&
                             error.failed_result() >= batch.prefix_statements + batch.parts.size();
    failure.message =
        fmt::format("{} statements {} to {} (lines {} to {}): {}",
                    is_deferred ? "a deferred constraint, violated by one of the" : "in one of the",
                    first.number, last.number, first.place.line, last.place.line, failure.message);
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
