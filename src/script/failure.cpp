#include "script/failure.hpp"

#include "script/source_excerpt.hpp"
#include "script/statement.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace crudctl::script {

namespace {

constexpr std::string_view invalid_byte_sequence = "22021";
constexpr std::string_view active_transaction = "25001";
constexpr std::string_view unsafe_new_enum_value = "55P04";
constexpr std::string_view integrity_class = "23";

/// Where in the batch it failed: the part, and the byte of the batch's text.
struct Spot {
    const Batch::Part* part = nullptr;
    std::size_t byte = 0;
};

ScriptFailure from_server(const pg::ServerError& error, const FailureContext& context)
{
    const pg::Diagnostic& diagnostic = error.diagnostic();
    ScriptFailure failure;
    failure.message = diagnostic.primary;
    failure.sqlstate = diagnostic.sqlstate;
    failure.detail = diagnostic.detail;
    failure.hint = diagnostic.hint;
    failure.context = diagnostic.context;
    failure.state = context.state;
    return failure;
}

bool is_execute(const ScannedFile& file, const Batch::Part* part)
{
    return part != nullptr &&
           first_words(file.text_of(*part->command), 1) == std::vector<std::string>{"execute"};
}

std::optional<Spot> spot_of(const ScannedFile& file, const Batch& batch,
                            const pg::ServerError& error, const FailureContext& context)
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
        const bool is_parsing = nothing_ran && !is_execute(file, part);
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

Place place_of_copy_line(std::string_view text, const Command::CopyData& copy, std::size_t line)
{
    Place place{copy.begin, copy.line, 1};
    for (std::size_t i = 1; i < line; ++i) {
        const std::size_t newline = text.find('\n', place.offset);
        if (newline == std::string_view::npos || newline + 1 >= copy.begin + copy.size) {
            break;
        }
        place = {newline + 1, place.line + 1, 1};
    }
    return place;
}

Place place_of(const ScannedFile& file, const Spot& spot, const pg::Diagnostic& diagnostic)
{
    const Command& command = *spot.part->command;
    if (command.copy) {
        if (const auto line = copy_line(diagnostic.context)) {
            return place_of_copy_line(file.text, *command.copy, *line);
        }
    }
    const std::size_t length = std::min(spot.byte - spot.part->begin, command.size);
    return advanced(command.place, std::string_view(file.text).substr(command.begin, length));
}

std::string own_hint(std::string_view sqlstate)
{
    if (sqlstate == active_transaction) {
        return "all files load in one transaction: take the statement out and run it by itself, "
               "in crudctl connect";
    }
    if (sqlstate == unsafe_new_enum_value) {
        return "a value that is added to an enum can be used only after the commit: give it to "
               "CREATE TYPE, or use it in a later load";
    }
    if (sqlstate == pg::sqlstate::lock_not_available) {
        return "another session holds the lock: crudctl sessions shows who";
    }
    return {};
}

} // namespace

ScriptError failure_of_batch(const ScannedFile& file, const Batch& batch,
                             const pg::ServerError& error, const FailureContext& context)
{
    ScriptFailure failure = from_server(error, context);
    failure.file = file.file.shown;
    failure.hint = failure.hint.empty() ? own_hint(failure.sqlstate) : failure.hint;
    if (const auto spot = spot_of(file, batch, error, context); spot && spot->part != nullptr) {
        failure.place = place_of(file, *spot, error.diagnostic());
        failure.source = source_excerpt(file.text, failure.place, context.columns);
        failure.statement = spot->part->command->number;
        failure.statements = file.statements;
        return {error.code(), std::move(failure)};
    }
    const Command& first = *batch.parts.front().command;
    const Command& last = *batch.parts.back().command;
    failure.place = first.place;
    failure.has_column = false;
    failure.message =
        fmt::format("in one of the statements {} to {} (lines {} to {}): {}", first.number,
                    last.number, first.place.line, last.place.line, failure.message);
    return {error.code(), std::move(failure)};
}

ScriptError failure_of_commit(const std::string& files, const pg::ServerError& error,
                              const FailureContext& context)
{
    ScriptFailure failure = from_server(error, context);
    const bool is_deferred = failure.sqlstate.starts_with(integrity_class);
    failure.file = files;
    failure.place.line = 0;
    failure.message = (is_deferred ? "at the commit, a deferred constraint: " : "at the commit: ") +
                      failure.message;
    return {error.code(), std::move(failure)};
}

} // namespace crudctl::script
