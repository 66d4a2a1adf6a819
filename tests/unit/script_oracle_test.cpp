#include "script/scanner.hpp"
#include "support/sql_generator.hpp"

#include <catch2/catch.hpp>
#include <pg_query.h>

#include <cstdlib>
#include <memory>
#include <optional>

namespace {

/// Where a statement ends: at its semicolon, or where the text ends.
struct Cut {
    std::size_t begin;
    std::size_t end;
    bool operator==(const Cut&) const = default;
};
using Cuts = std::vector<Cut>;

/// What Postgres' own parser makes of a text; nothing where it does not accept it.
std::optional<Cuts> cuts_of_server(const std::string& text)
{
    const PgQuerySplitResult result = pg_query_split_with_parser(text.c_str());
    std::optional<Cuts> cuts;
    if (result.error == nullptr) {
        cuts.emplace();
        for (int i = 0; i < result.n_stmts; ++i) {
            const auto begin = static_cast<std::size_t>(result.stmts[i]->stmt_location);
            cuts->push_back({begin, begin + static_cast<std::size_t>(result.stmts[i]->stmt_len)});
        }
    }
    pg_query_free_split_result(result);
    return cuts;
}

/// Ours in the same terms. A statement of the server begins behind the last semicolon, with all
/// blanks and comments, and at the end of the text goes on to the end.
Cuts cuts_of_scanner(const std::string& text, std::size_t chunk_size)
{
    crudctl::script::Scanner scanner;
    Cuts cuts;
    const auto take = [&] {
        while (const auto item = scanner.next()) {
            const std::size_t begin = item->place.offset;
            cuts.push_back({begin, begin + item->text.size() - (item->has_semicolon ? 1 : 0)});
        }
    };
    for (std::size_t at = 0; at < text.size(); at += chunk_size) {
        scanner.feed(std::string_view(text).substr(at, chunk_size));
        take();
    }
    scanner.finish();
    take();
    return cuts;
}

std::string difference(const std::string& text, const Cuts& server, const Cuts& ours)
{
    if (server.size() != ours.size()) {
        return "the number of statements differs";
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
        const bool ends_with_text = server[i].end == text.size();
        const bool same_end =
            ours[i].end == server[i].end || (ends_with_text && ours[i].end <= server[i].end);
        if (!same_end || ours[i].begin < server[i].begin || ours[i].begin >= ours[i].end) {
            return "a statement lies elsewhere";
        }
    }
    return {};
}

struct Tally {
    int tried = 0;
    int accepted = 0;
    std::string first_difference;
};

Tally compare_generated(std::uint64_t seed, int wanted)
{
    crudctl::tests::SqlGenerator generator(seed);
    Tally tally;
    while (tally.accepted < wanted && tally.first_difference.empty()) {
        const std::string text = generator.script();
        ++tally.tried;
        const auto server = cuts_of_server(text);
        if (!server) {
            continue;
        }
        ++tally.accepted;
        const std::size_t chunk = tally.accepted % 2 == 0 ? 1 + tally.tried % 7 : 4096;
        std::string why;
        try {
            why = difference(text, *server, cuts_of_scanner(text, chunk));
        } catch (const crudctl::Error& error) {
            why = error.what();
        }
        if (!why.empty()) {
            tally.first_difference = why + ", in chunks of " + std::to_string(chunk) + ":\n" + text;
        }
    }
    return tally;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise)
{
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace

TEST_CASE("generated scripts are cut where the server's parser cuts them")
{
    const auto seed = number_from("CRUDCTL_FUZZ_SEED", 20240607);
    const auto wanted = static_cast<int>(number_from("CRUDCTL_FUZZ_COUNT", 20000));
    const Tally tally = compare_generated(seed, wanted);
    INFO("seed " << seed << ", " << tally.accepted << " of " << tally.tried << " accepted");
    CHECK(tally.first_difference == "");
}
