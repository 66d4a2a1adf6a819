#include "cli/load/psql_comparison.hpp"
#include "support/loaded_file_generator.hpp"
#include "support/nightly.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;

namespace {

/// What a server's message begins with: neither program prints all of a long one, and each has its
/// own way to show what is not printable.
std::string head_of_message(const std::string& text, const std::string& label)
{
    const std::size_t at = text.find(label);
    if (at == std::string::npos) {
        return "";
    }
    const auto begin = text.begin() + static_cast<std::ptrdiff_t>(at + label.size());
    const auto end = std::find_if(begin, text.end(), [](char c) { return c < ' ' || c > '~'; });
    const std::string message(begin, end);
    return message.substr(0, std::min(message.find(" (SQLSTATE"), message.find('\\')));
}

} // namespace

TEST_CASE("files at random load as by psql, or fail with its first error")
{
    const int files = is_nightly() ? 2000 : 40;
    const char* given = std::getenv("CRUDCTL_RANDOM_FILES"); // a seed, to see a failure once more
    const std::uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device()();
    CAPTURE(seed);
    LoadedFileGenerator generator(seed);
    Comparison compared;
    int loaded = 0;
    int refused = 0; // by one of the programs itself
    for (int i = 0; i < files; ++i) {
        const std::string text = generator.file();
        compared.load({"random", text});
        INFO(text << "\n── psql:\n"
                  << compared.by_psql.err << "── crudctl:\n"
                  << compared.by_crudctl.err);
        REQUIRE((compared.by_psql.exit_code == 0) == (compared.by_crudctl.exit_code == 0));
        if (compared.by_crudctl.exit_code == 0) {
            ++loaded;
            REQUIRE(compared.content_by_crudctl() == compared.content_by_psql());
            continue;
        }
        REQUIRE(compared.is_empty());
        // By a command of psql's that a quote too many has made: "invalid command \."
        const bool is_of_client = !contains(compared.by_psql.err, "ERROR:  ");
        if (is_of_client || !contains(compared.by_crudctl.err, "(SQLSTATE ")) {
            ++refused;
            continue;
        }
        REQUIRE(head_of_message(compared.by_crudctl.err, ": error: ") ==
                head_of_message(compared.by_psql.err, "ERROR:  "));
    }
    WARN(fmt::format("{} files, seed {}: {} loaded, {} refused by a client", files, seed, loaded,
                     refused));
    CHECK(loaded >= files / 4);
    CHECK(refused <= files / 4);
}
