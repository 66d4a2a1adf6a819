#include "config/file/interpolation.hpp"

#include "support/error.hpp"
#include "support/text/secret.hpp"
#include "support/text/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace crudctl::config {

namespace {

struct Piece {
    std::string_view text; // literal text, or the variable's name
    bool is_variable = false;
    std::optional<std::string_view> fallback; // behind ":-"
};

enum class Flaw { none, unclosed, nested, bad_name };

struct Pieces {
    std::vector<Piece> list;
    Flaw flaw = Flaw::none;
};

bool is_name(std::string_view name)
{
    return !name.empty() && (name.front() < '0' || name.front() > '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

Flaw add_variable(std::string_view inside, std::vector<Piece>& list)
{
    if (inside.find("${") != std::string_view::npos) {
        return Flaw::nested;
    }
    const auto separator = inside.find(":-");
    Piece piece{inside.substr(0, separator), true, std::nullopt};
    if (separator != std::string_view::npos) {
        piece.fallback = inside.substr(separator + 2);
    }
    list.push_back(piece);
    return is_name(piece.text) ? Flaw::none : Flaw::bad_name;
}

Pieces cut(std::string_view text)
{
    Pieces pieces;
    while (!text.empty() && pieces.flaw == Flaw::none) {
        const auto start = text.find("${");
        if (start != 0) {
            pieces.list.push_back({text.substr(0, start), false, std::nullopt});
            text.remove_prefix(std::min(text.size(), start));
            continue;
        }
        const auto end = text.find('}');
        if (end == std::string_view::npos) {
            pieces.flaw = Flaw::unclosed;
            break;
        }
        pieces.flaw = add_variable(text.substr(2, end - 2), pieces.list);
        text.remove_prefix(end + 1);
    }
    return pieces;
}

void refuse_flaw(Flaw flaw, const std::string& place)
{
    constexpr const char* forms = "write ${NAME} or ${NAME:-default}";
    switch (flaw) {
    case Flaw::none:
        return;
    case Flaw::unclosed:
        throw Error(ExitCode::configuration, place + ": \"${\" is never closed", forms);
    case Flaw::nested:
        throw Error(ExitCode::configuration, place + ": variables cannot be nested", forms);
    case Flaw::bad_name:
        throw Error(ExitCode::configuration,
                    place + ": what stands in \"${…}\" is not a variable's name", forms);
    }
}

[[noreturn]] void refuse_unset(std::string_view name, const std::string& place,
                               const Variables& variables)
{
    const std::vector<std::string> names = variables.names();
    const auto meant = nearest(name, names);
    throw Error(ExitCode::configuration,
                fmt::format("{}: the variable \"{}\" is not set", place, name),
                meant ? fmt::format("did you mean \"{}\"?", *meant)
                      : fmt::format("set {} in the environment or in .env", name));
}

/// AWS's secret keys and tokens are for AWS alone: no setting of ours has a use for one.
void refuse_key_of_aws(std::string_view name, const std::string& place)
{
    const bool is_key =
        name.starts_with("AWS_") && (name.find("SECRET") != std::string_view::npos ||
                                     name.find("TOKEN") != std::string_view::npos);
    if (is_key) {
        throw Error(ExitCode::configuration,
                    fmt::format("{}: {} is a secret of AWS and goes into no setting", place, name));
    }
}

bool is_url_text(std::string_view text)
{
    return lower_ascii(text.substr(0, text.find("://"))).starts_with("postgres");
}

/// A keyword string has quoting rules of its own, and a URL's encoding would be wrong in it.
void refuse_in_keyword_string(const std::vector<Piece>& pieces, const std::string& place)
{
    if (pieces.size() > 1 && !is_url_text(pieces.front().text)) {
        throw Error(ExitCode::configuration,
                    place + ": variables can only be put into a URL that begins with "
                            "\"postgresql://\"",
                    "use the keys host, port, user, dbname … instead of one text");
    }
}

} // namespace

Expanded expand(std::string_view text, const std::string& place, Encoding encoding,
                const Variables& variables)
{
    const Pieces pieces = cut(text);
    refuse_flaw(pieces.flaw, place);
    if (encoding == Encoding::url) {
        refuse_in_keyword_string(pieces.list, place);
    }
    const bool is_alone = pieces.list.size() == 1;
    Expanded result;
    for (const Piece& piece : pieces.list) {
        if (!piece.is_variable) {
            result.text += piece.text;
            continue;
        }
        refuse_key_of_aws(piece.text, place);
        const auto variable = variables.find(piece.text);
        if (!variable && !piece.fallback) {
            refuse_unset(piece.text, place, variables);
        }
        const std::string value = variable ? variable->value : std::string(*piece.fallback);
        result.text += encoding == Encoding::url && !is_alone ? percent_encoded(value) : value;
        if (variable && is_alone) {
            result.variable_origin = variable->origin;
        }
    }
    return result;
}

std::vector<std::string> unset_variables(std::string_view text, const Variables& variables)
{
    std::vector<std::string> unset;
    for (const Piece& piece : cut(text).list) {
        if (piece.is_variable && !piece.fallback && !variables.find(piece.text)) {
            unset.emplace_back(piece.text);
        }
    }
    return unset;
}

std::vector<std::string> variable_names(std::string_view text)
{
    std::vector<std::string> names;
    for (const Piece& piece : cut(text).list) {
        if (piece.is_variable) {
            names.emplace_back(piece.text);
        }
    }
    return names;
}

std::string text_of_project(std::string_view text, const Variables& variables)
{
    std::string result;
    for (const Piece& piece : cut(text).list) {
        if (!piece.is_variable) {
            result += piece.text;
        } else if (variables.find_real(piece.text)) {
            result += fmt::format("${{{}}}", piece.text);
        } else if (const auto variable = variables.find(piece.text)) {
            result += variable->value;
        } else {
            result +=
                piece.fallback ? std::string(*piece.fallback) : fmt::format("${{{}}}", piece.text);
        }
    }
    return result;
}

std::string without_variables(std::string_view text)
{
    std::string result;
    for (const Piece& piece : cut(text).list) {
        result += piece.is_variable ? piece.fallback.value_or("") : piece.text;
    }
    return result;
}

} // namespace crudctl::config
