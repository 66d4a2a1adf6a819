#include "oracle/chunked_scan.hpp"
#include "oracle/script_file_generator.hpp"
#include "oracle/split_oracle.hpp"
#include "support/sql_generator.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace crudctl::tests;
using crudctl::script::Backslashes;

namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise)
{
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t seed()
{
    return number_from("CRUDCTL_FUZZ_SEED", 20240607);
}

std::size_t wanted()
{
    return number_from("CRUDCTL_FUZZ_COUNT", 20000);
}

struct Tally {
    std::size_t tried = 0;
    std::size_t accepted = 0;
    std::string first_difference;
};

Tally compare_generated()
{
    SqlGenerator generator(seed());
    Tally tally;
    while (tally.accepted < wanted() && tally.first_difference.empty()) {
        const std::string text = generator.script();
        ++tally.tried;
        const ChunkSizes sizes = {tally.tried % 2 == 0 ? 1 + tally.tried % 7 : 4096, tally.tried};
        const auto difference = difference_from_server(text, sizes);
        if (difference) {
            ++tally.accepted;
        }
        if (difference && !difference->empty()) {
            tally.first_difference = *difference + ", in chunks of at most " +
                                     std::to_string(sizes.largest) + ":\n" + text;
        }
    }
    return tally;
}

ScannedText without_places(ScannedText text)
{
    for (ScannedText::Part& part : text.parts) {
        part.place = {};
    }
    return text;
}

} // namespace

TEST_CASE("generated scripts are cut where the server's parser cuts them")
{
    const Tally tally = compare_generated();
    INFO("seed " << seed() << ", " << tally.accepted << " of " << tally.tried << " accepted");
    CHECK(tally.first_difference == "");
    CHECK(tally.tried < 4 * tally.accepted); // else the generator writes nonsense
}

TEST_CASE("the size of the chunks changes nothing, whatever the text")
{
    const Backslashes backslashes = GENERATE(Backslashes::literal, Backslashes::escape);
    SqlGenerator generator(seed());
    for (std::size_t i = 0; i < wanted() / 4; ++i) {
        const std::string text = generator.script();
        const ScannedText whole = scan(text, {}, backslashes);
        const std::string why = difference(whole, scan(text, {1 + i % 23, i}, backslashes));
        if (!why.empty()) {
            FAIL(why << "\nof the text:\n" << text);
        }
    }
}

TEST_CASE("COPY data and psql's commands between statements come out as they were put in")
{
    ScriptFileGenerator generator(seed());
    for (std::size_t i = 0; i < wanted() / 8; ++i) {
        const ScriptFileGenerator::File file = generator.file();
        const ScannedText found = without_places(scan(file.text, {i % 3 == 0 ? 0 : 1 + i % 23, i}));
        const std::string why = difference(file.parts, found);
        if (!why.empty()) {
            FAIL(why << "\nof the text:\n" << file.text);
        }
    }
}
