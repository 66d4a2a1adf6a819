#include "oracle/split_oracle.hpp"

#include "support/text/text.hpp"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>
#include <pg_query.h>

namespace crudctl::tests {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct Cut {
    std::size_t begin = 0;
    std::size_t end = 0;
};
using Cuts = std::vector<Cut>;

/// A statement of the server begins behind the last semicolon, with all blanks and comments, and
/// ends before its semicolon or where the text ends. It knows no byte order mark.
std::optional<Cuts> cuts_of_server(const std::string& text, std::size_t mark)
{
    const PgQuerySplitResult result = pg_query_split_with_parser(text.c_str() + mark);
    std::optional<Cuts> cuts;
    if (result.error == nullptr) {
        cuts.emplace();
        for (int i = 0; i < result.n_stmts; ++i) {
            const auto begin = mark + static_cast<std::size_t>(result.stmts[i]->stmt_location);
            cuts->push_back({begin, begin + static_cast<std::size_t>(result.stmts[i]->stmt_len)});
        }
    }
    pg_query_free_split_result(result);
    return cuts;
}

/// Whether the server would ask the client for data.
bool is_copy_from_stdin(const std::string& statement)
{
    const PgQueryParseResult result = pg_query_parse(statement.c_str());
    std::string tree = result.error == nullptr ? result.parse_tree : "{}";
    pg_query_free_parse_result(result);
    // Names come as they stand in the text, which need not be UTF-8.
    std::replace_if(
        tree.begin(), tree.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; },
        '?');
    const auto parsed = nlohmann::json::parse(tree);
    const auto copy = nlohmann::json::json_pointer("/stmts/0/stmt/CopyStmt");
    return parsed.contains(copy) && parsed[copy].value("is_from", false) &&
           !parsed[copy].contains("filename");
}

std::string difference_in(const std::string& text, const Cuts& server, const ScannedText& ours)
{
    if (!ours.refusal.empty()) {
        return "refused: " + ours.refusal;
    }
    if (server.size() != ours.parts.size()) {
        return "the number of statements differs";
    }
    for (std::size_t i = 0; i < server.size(); ++i) {
        const ScannedText::Part& part = ours.parts[i];
        if (part.kind != script::Item::Kind::statement) {
            return "a meta-command in what the server accepts";
        }
        const std::size_t begin = part.place.offset;
        const std::size_t end = begin + part.text.size() - (part.has_semicolon ? 1 : 0);
        const bool ends_with_text = server[i].end == text.size() && !part.has_semicolon;
        const bool same_end = end == server[i].end || (ends_with_text && end <= server[i].end);
        if (!same_end || begin < server[i].begin || begin >= end) {
            return "a statement lies elsewhere";
        }
        const bool may_be_copy = equal_ignoring_case(part.text.substr(0, 4), "copy");
        const bool is_copy = may_be_copy && is_copy_from_stdin(part.text);
        if (is_copy != part.is_copy_from_stdin) {
            return "COPY FROM STDIN is not told from others";
        }
    }
    return {};
}

/// The text up to the end of the first COPY … FROM STDIN: behind it come its data.
std::string without_data(const std::string& text, const ScannedText& ours)
{
    for (const ScannedText::Part& part : ours.parts) {
        if (part.is_copy_from_stdin) {
            return text.substr(0, part.place.offset + part.text.size());
        }
    }
    return text;
}

} // namespace

std::optional<std::size_t> statements_for_server(const std::string& text)
{
    const auto cuts = cuts_of_server(text, 0);
    return cuts ? std::optional(cuts->size()) : std::nullopt;
}

std::optional<std::string> difference_from_server(const std::string& text, const ChunkSizes& sizes)
{
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return std::nullopt; // UTF-16, which the scanner refuses
    }
    const std::size_t mark = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    std::optional<Cuts> server = cuts_of_server(text, mark);
    if (!server) {
        return std::nullopt;
    }
    ScannedText ours = scan(text, sizes);
    const std::string before_data = without_data(text, ours);
    if (before_data.size() < text.size()) {
        server = cuts_of_server(before_data, mark);
        ours = scan(before_data, sizes);
    }
    if (!server) {
        return "COPY FROM STDIN ends where nothing ends";
    }
    // That its data are missing is no difference.
    if (!ours.parts.empty() && ours.parts.back().is_copy_from_stdin) {
        ours.refusal.clear();
    }
    return difference_in(before_data, *server, ours);
}

} // namespace crudctl::tests
