#include "oracle/chunked_scan.hpp"

#include <algorithm>
#include <array>
#include <random>

#include <fmt/format.h>

namespace crudctl::tests {

using script::Item;

namespace {

std::string place_text(const script::Place& place)
{
    return fmt::format("{}:{}", place.line, place.column);
}

std::string part_text(const ScannedText& text, std::size_t at)
{
    if (at >= text.parts.size()) {
        return "none";
    }
    const ScannedText::Part& part = text.parts[at];
    constexpr std::array kinds = {"statement", "meta-command", "data", "end of data"};
    return fmt::format("{} {} at {}, byte {}{}{}{}: {}", part.has_semicolon ? "whole" : "open",
                       kinds.at(static_cast<std::size_t>(part.kind)), place_text(part.place),
                       part.place.offset, part.is_copy_from_stdin ? ", before data" : "",
                       part.is_inside_statement ? ", inside a statement" : "",
                       part.text.empty() ? ", empty" : "", part.text);
}

void take_items(script::Scanner& scanner, ScannedText& result)
{
    while (const auto item = scanner.next()) {
        const bool goes_on = item->kind == Item::Kind::copy_data && !result.parts.empty() &&
                             result.parts.back().kind == Item::Kind::copy_data;
        if (goes_on) {
            result.parts.back().text += item->text;
        } else {
            result.parts.push_back({item->kind, std::string(item->text), item->place,
                                    item->has_semicolon, item->is_copy_from_stdin,
                                    item->is_inside_statement});
        }
    }
}

} // namespace

ScannedText scan(std::string_view text, const ChunkSizes& sizes, script::Backslashes backslashes)
{
    script::ScannerOptions options;
    options.backslashes = backslashes;
    script::Scanner scanner(options);
    std::minstd_rand random(static_cast<std::minstd_rand::result_type>(sizes.seed));
    ScannedText result;
    try {
        while (!text.empty()) {
            const std::size_t size =
                sizes.largest == 0 ? text.size() : 1 + random() % sizes.largest;
            scanner.feed(text.substr(0, size));
            take_items(scanner, result);
            text.remove_prefix(std::min(size, text.size()));
        }
        scanner.finish();
        take_items(scanner, result);
    } catch (const script::ScanError& error) {
        result.refusal = place_text(error.place()) + " " + error.what();
    }
    return result;
}

std::string difference(const ScannedText& expected, const ScannedText& found)
{
    for (std::size_t i = 0; i < std::max(expected.parts.size(), found.parts.size()); ++i) {
        const bool is_in_both = i < std::min(expected.parts.size(), found.parts.size());
        if (!is_in_both || !(expected.parts[i] == found.parts[i])) {
            return fmt::format("part {} is\n{}\nand should be\n{}", i + 1, part_text(found, i),
                               part_text(expected, i));
        }
    }
    if (expected.refusal != found.refusal) {
        return fmt::format("refused is \"{}\" and should be \"{}\"", found.refusal,
                           expected.refusal);
    }
    return {};
}

} // namespace crudctl::tests
