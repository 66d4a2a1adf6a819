// Looks for texts that the scanner cuts elsewhere than the server's own parser, or otherwise than
// it should. Ends well when so many texts were compared as $CRUDCTL_FUZZ_COUNT says.

#include "oracle/chunked_scan.hpp"
#include "oracle/split_oracle.hpp"
#include "script/effect/effect.hpp"
#include "script/sql/statement.hpp"
#include "support/sql_generator.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#include <fmt/format.h>

using namespace crudctl;
using namespace crudctl::tests;
using script::Backslashes;
using script::Item;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t limit);

namespace {

/// What the run amounts to so far.
struct Totals {
    std::size_t texts = 0;
    std::size_t accepted = 0;

    void report() const
    {
        fmt::print("{} texts, {} of them accepted by the server's parser and cut as it does\n",
                   texts, accepted);
        std::fflush(stdout);
    }
};

Totals totals;

void require_none(const std::string& difference, const char* where, const std::string& text)
{
    if (!difference.empty()) {
        fmt::print(stderr, "{}: {}\nof the text:\n{}\n", where, difference, text);
        std::abort();
    }
}

ChunkSizes chunks_for(const std::string& text)
{
    const std::size_t hash = std::hash<std::string>()(text);
    return {1 + hash % 23, hash};
}

void compare_with_server(const std::string& text)
{
    if (const auto difference = difference_from_server(text, chunks_for(text))) {
        require_none(*difference, "the server cuts elsewhere", text);
        ++totals.accepted;
    }
}

void compare_chunks(const std::string& text, Backslashes backslashes)
{
    const ScannedText whole = scan(text, {}, backslashes);
    require_none(difference(whole, scan(text, chunks_for(text), backslashes)), "chunks matter",
                 text);
    for (const ScannedText::Part& part : whole.parts) {
        if (part.kind == Item::Kind::statement) {
            script::facts_of(part.text, backslashes);
            script::effect_of(part.text, backslashes);
        }
    }
}

/// The text as the data of a COPY, where no byte of it but a line `\.` means anything.
void hide_in_copy(const std::string& text)
{
    std::string data = text + "\n";
    for (const char* mark : {"\\.\n", "\\.\r\n"}) {
        for (auto at = data.find(mark); at != std::string::npos; at = data.find(mark, at + 1)) {
            data.insert(at, at == 0 || data[at - 1] == '\n' ? "x" : "");
        }
    }
    const std::string file = "copy t from stdin;\n" + data + "\\.\nselect 1;";
    const ScannedText found = scan(file, chunks_for(text));
    const bool is_whole = found.refusal.empty() && found.parts.size() == 4 &&
                          found.parts[1].text == data && found.parts[2].text.empty() &&
                          found.parts[3].text == "select 1;";
    require_none(is_whole ? "" : "a part is missing", "COPY data", file);
}

std::size_t wanted()
{
    const char* const count = std::getenv("CRUDCTL_FUZZ_COUNT");
    return count == nullptr ? 0 : std::strtoull(count, nullptr, 10);
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/)
{
    std::atexit([] { totals.report(); });
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::size_t limit = wanted();
    const std::string text(data, data + size);
    // The scanner refuses it, and for the parser it would be the end.
    if (text.find('\0') != std::string::npos) {
        return 0;
    }
    ++totals.texts;
    compare_with_server(text);
    compare_chunks(text, totals.texts % 2 == 0 ? Backslashes::literal : Backslashes::escape);
    hide_in_copy(text);
    if (limit != 0 && totals.accepted >= limit) {
        totals.report();
        std::_Exit(0); // an exit() in here libFuzzer would take for a finding
    }
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t limit, unsigned seed)
{
    SqlGenerator generator(seed);
    if (generator.one_in(8)) {
        return LLVMFuzzerMutate(data, size, limit);
    }
    const std::string before(data, data + size);
    std::string text = generator.changed(before);
    // What the parser refuses tells less; some of it stays, for the chunks.
    for (int tries = 0; tries < 4 && !statements_for_server(text); ++tries) {
        text = generator.changed(before);
    }
    if (text.size() > limit) {
        text = generator.script().substr(0, limit);
    }
    std::memcpy(data, text.data(), text.size());
    return text.size();
}
