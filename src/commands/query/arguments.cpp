#include "commands/query/arguments.hpp"

#include "support/error.hpp"
#include "support/process/interrupt.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace crudctl::commands {

namespace {

constexpr std::size_t largest_value = std::size_t{256} << 20U;

/// As it was typed; nothing is --null.
using Typed = std::map<std::string, std::optional<std::string>>;

/// "users/show takes handle (text), uuid (uuid)".
std::string takes_text(const ProjectQuery& query, const ParameterTypes& types)
{
    const std::vector<std::string>& names = query.query.parameters;
    if (names.empty()) {
        return query.name + " takes none";
    }
    const std::vector<std::string> known = types();
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += fmt::format("{}{}{}", text.empty() ? "" : ", ", names[i],
                            i < known.size() ? fmt::format(" ({})", known[i]) : "");
    }
    return fmt::format("{} takes {}", query.name, text);
}

[[noreturn]] void refuse(const ProjectQuery& query, const ParameterTypes& types,
                         const std::string& message, const std::string& hint)
{
    throw Error(ExitCode::usage, fmt::format("{}: {}", message, takes_text(query, types)), hint);
}

bool has(const ProjectQuery& query, const std::string& name)
{
    return std::ranges::find(query.query.parameters, name) != query.query.parameters.end();
}

void add(Typed& typed, const ProjectQuery& query, const ParameterTypes& types,
         const std::string& name, std::optional<std::string> value)
{
    if (!has(query, name)) {
        const auto meant = nearest(name, query.query.parameters);
        refuse(query, types, fmt::format("there is no parameter \"{}\"", printable(name)),
               meant ? fmt::format("did you mean \"{}\"?", *meant) : "");
    }
    if (!typed.emplace(name, std::move(value)).second) {
        refuse(query, types, fmt::format("the parameter \"{}\" is given twice", name), "");
    }
}

Typed typed_values(const ProjectQuery& query, const QueryOptions& options,
                   const ParameterTypes& types)
{
    Typed typed;
    for (const std::string& word : options.parameters) {
        const std::size_t sign = word.find('=');
        if (sign == std::string::npos) {
            refuse(query, types, fmt::format("\"{}\" is no KEY=VALUE", printable(word)), "");
        }
        add(typed, query, types, word.substr(0, sign), word.substr(sign + 1));
    }
    for (const std::string& name : options.nulls) {
        add(typed, query, types, name, std::nullopt);
    }
    return typed;
}

void require_all(const Typed& typed, const ProjectQuery& query, const ParameterTypes& types)
{
    std::string missing;
    for (const std::string& name : query.query.parameters) {
        if (!typed.contains(name)) {
            missing += (missing.empty() ? "" : ", ") + name;
        }
    }
    if (!missing.empty()) {
        refuse(query, types, fmt::format("no value is given for {}", missing),
               "KEY=VALUE gives one, KEY=@FILE what is in a file, --null KEY none");
    }
}

/// `@file`, `@-` for standard input, `@@text` for a text that begins with the sign.
std::string read_value(const std::string& typed)
{
    if (!typed.starts_with('@') || typed.starts_with("@@")) {
        return typed.substr(typed.starts_with('@') ? 1 : 0);
    }
    const std::string file = typed.substr(1);
    if (file == "-") {
        return read_to_end(STDIN_FILENO, largest_value);
    }
    try {
        return read_file(file, largest_value).text;
    } catch (const Error& error) {
        throw Error(error.code(), error.what(), "KEY=@@TEXT is a text that begins with @");
    }
}

void require_text(const std::string& name, const std::string& value)
{
    const auto refuse_value = [&](const std::string& why) {
        throw Error(ExitCode::usage, fmt::format("the value of \"{}\" {}", name, why));
    };
    if (const auto nul = value.find('\0'); nul != std::string::npos) {
        refuse_value(
            fmt::format("has a NUL byte, the {}. one, and no text of Postgres' has", nul + 1));
    }
    if (!is_valid_utf8(value)) {
        refuse_value("is not UTF-8");
    }
}

void require_one_input(const Typed& typed)
{
    const auto count = std::ranges::count_if(
        typed, [](const auto& entry) { return entry.second == std::optional<std::string>("@-"); });
    if (count > 1) {
        throw Error(ExitCode::usage, "two parameters are to be read from standard input (@-)");
    }
}

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;

/// A read would go on after a signal: this waits for both.
void wait_for(int descriptor)
{
    std::array<pollfd, 2> waits = {pollfd{descriptor, POLLIN, 0},
                                   pollfd{interrupt::descriptor(), POLLIN, 0}};
    while (waits[0].revents == 0) {
        ::poll(waits.data(), waits.size(), -1);
        interrupt::throw_if_pending();
    }
}

} // namespace

std::vector<std::optional<std::string>>
bound_values(const ProjectQuery& query, const QueryOptions& options, const ParameterTypes& types)
{
    const Typed typed = typed_values(query, options, types);
    require_all(typed, query, types);
    require_one_input(typed);
    std::vector<std::optional<std::string>> values;
    for (const std::string& name : query.query.parameters) {
        const auto& value = typed.at(name);
        values.push_back(value ? std::optional(read_value(*value)) : std::nullopt);
        require_text(name, values.back().value_or(""));
    }
    return values;
}

std::string read_to_end(int descriptor, std::size_t max_bytes)
{
    std::string text;
    std::vector<char> chunk(chunk_bytes);
    for (;;) {
        wait_for(descriptor);
        const ssize_t size = ::read(descriptor, chunk.data(), chunk.size());
        if (size < 0 && errno != EINTR) {
            throw Error(ExitCode::configuration,
                        "cannot read standard input: " + error_text(errno));
        }
        if (size == 0) {
            return text;
        }
        text.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        if (text.size() > max_bytes) {
            throw Error(ExitCode::configuration,
                        fmt::format("standard input has more than {}", size_text(max_bytes)));
        }
    }
}

} // namespace crudctl::commands
