#include "bench/comparison.hpp"

#include "support/process/interrupt.hpp"

#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace crudctl::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::minutes enough_time{1};
constexpr int fewest_rounds = 3;

double median(std::vector<Sample> samples)
{
    std::sort(samples.begin(), samples.end(),
              [](const Sample& a, const Sample& b) { return a.seconds < b.seconds; });
    return samples[samples.size() / 2].seconds;
}

Result in_short(Way way, const std::vector<Sample>& samples)
{
    Result result{way, median(samples), 0, samples.back().trips, samples.back().failure};
    for (const Sample& sample : samples) {
        result.peak_bytes = std::max(result.peak_bytes, sample.peak_bytes);
    }
    return result;
}

void tell(Way way, const Sample& sample)
{
    std::cerr << fmt::format("  {:<8} {:9.3f} s {:5} MiB {:2} log-ins {:5} trips  {}\n",
                             name_of(way), sample.seconds, sample.peak_bytes >> 20U,
                             sample.trips.log_ins, sample.trips.others, sample.failure);
}

} // namespace

std::string_view name_of(Way way)
{
    switch (way) {
    case Way::crudctl:
        return "crudctl";
    case Way::psql:
        return "psql";
    case Way::psql_one_transaction:
        return "psql -1";
    case Way::server:
        return "server";
    }
    throw std::logic_error("a way without a name");
}

const Result* Comparison::result(Way way) const
{
    const auto found = std::find_if(results.begin(), results.end(),
                                    [way](const Result& each) { return each.way == way; });
    return found == results.end() ? nullptr : &*found;
}

Comparison compare(const std::string& what, std::chrono::milliseconds distance,
                   const std::vector<Side>& sides, int most_rounds)
{
    std::cerr << fmt::format("{}, {} ms away\n", what, distance.count());
    std::vector<std::vector<Sample>> samples(sides.size());
    const auto start = Clock::now();
    bool has_failed = false;
    for (int round = 0; round < most_rounds && !has_failed; ++round) {
        if (round >= fewest_rounds && Clock::now() - start > enough_time) {
            break;
        }
        for (std::size_t turn = 0; turn < sides.size(); ++turn) {
            // The first pays for what the server still clears up of the round before.
            const std::size_t i = (turn + static_cast<std::size_t>(round)) % sides.size();
            samples[i].push_back(sides[i].run());
            tell(sides[i].way, samples[i].back());
            has_failed = has_failed || !samples[i].back().failure.empty();
            interrupt::throw_if_pending(); // so that no big file stays behind
        }
    }
    Comparison comparison{what, distance, {}};
    for (std::size_t i = 0; i < sides.size(); ++i) {
        comparison.results.push_back(in_short(sides[i].way, samples[i]));
    }
    return comparison;
}

} // namespace crudctl::bench
