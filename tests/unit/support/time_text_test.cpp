#include "support/text/time_text.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using namespace std::chrono_literals;

namespace {

const auto now = *parse_utc("2026-11-24T09:15:00Z");

std::string moment(const std::string& text)
{
    const auto parsed = parse_moment(text, now);
    return parsed ? utc_text(*parsed) : "none";
}

/// Local time is UTC for the life of one.
class InUtc {
public:
    InUtc()
    {
        setenv("TZ", "UTC", 1);
        tzset();
    }
    ~InUtc()
    {
        unsetenv("TZ");
        tzset();
    }
    InUtc(const InUtc&) = delete;
    InUtc& operator=(const InUtc&) = delete;
};

} // namespace

TEST_CASE("a time in UTC comes back from its text, with or without a fraction")
{
    const InUtc zone;
    CHECK(utc_text(now) == "2026-11-24T09:15:00.000Z");
    CHECK(parse_utc(utc_text(now)) == now);
    CHECK(parse_utc("2026-11-24T09:15:00.999Z") == now + 999ms);
    CHECK(local_time_text("2026-11-24T09:15:00.123Z") == "2026-11-24 09:15:00");
    CHECK(utc_text(now + 123ms) == "2026-11-24T09:15:00.123Z");
    for (const char* wrong : {"", "2026-11-24", "2026-11-24T09:15:00", "yesterday", "."}) {
        CHECK_FALSE(parse_utc(wrong).has_value());
        CHECK(local_time_text(wrong) == wrong);
    }
}

TEST_CASE("a duration is a number and a unit")
{
    CHECK(parse_duration("90") == 90s);
    CHECK(parse_duration("90s") == 90s);
    CHECK(parse_duration("2m") == 120s);
    CHECK(parse_duration("1h") == 3600s);
    CHECK(parse_duration("7d") == 7 * 24h);
    for (const char* wrong :
         {"", "s", "-1", "1.5h", "2 h", "1w", "99999999999999999999", "4000d"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_duration(wrong).has_value());
    }
}

TEST_CASE("a moment is understood as people write it, and must still come")
{
    const InUtc zone;
    CHECK(moment("18:00") == "2026-11-24T18:00:00.000Z");
    CHECK(moment("09:00") == "2026-11-25T09:00:00.000Z");
    CHECK(moment("2h") == "2026-11-24T11:15:00.000Z");
    CHECK(moment("2026-11-30") == "2026-11-30T00:00:00.000Z");
    CHECK(moment("2026-11-30T18:00") == "2026-11-30T18:00:00.000Z");
    CHECK(moment("2026-11-30T17:00:00Z") == "2026-11-30T17:00:00.000Z");
    for (const char* wrong : {"", "later", "25:00", "2026-11-24", "0", "2020-01-01", "18:00 h"}) {
        CAPTURE(wrong);
        CHECK(moment(wrong) == "none");
    }
}
