#include "plan/protected_databases.hpp"

#include "support/system/file.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace crudctl;
using plan::ProtectedDatabase;
using plan::ProtectedDatabases;
using tests::TempFolder;

namespace {

const ProtectedDatabase prod = {"761", "cruddur", "16384", "prod", "prod", "prod · cruddur · db"};

} // namespace

TEST_CASE("a database that was seen is found by its name or its OID, on its server alone")
{
    const TempFolder folder;
    const ProtectedDatabases sightings(folder / "state/protected.jsonl");
    CHECK_FALSE(sightings.find("761", "cruddur", "16384"));
    sightings.remember(prod);
    CHECK(sightings.find("761", "cruddur", "1") == prod);
    CHECK(sightings.find("761", "renamed", "16384") == prod);
    CHECK_FALSE(sightings.find("761", "other", "1"));
    CHECK_FALSE(sightings.find("761", "other", ""));
    CHECK_FALSE(sightings.find("762", "cruddur", "16384"));
}

TEST_CASE("what was seen last counts, and is written once")
{
    const TempFolder folder;
    const ProtectedDatabases sightings(folder / "protected.jsonl");
    sightings.remember(prod);
    sightings.remember(prod);
    ProtectedDatabase later = prod;
    later.oid = "20000";
    later.environment = "staging";
    sightings.remember(later);
    CHECK(sightings.find("761", "cruddur", "20000") == later);
    const std::string text = read_file(folder / "protected.jsonl", 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a server that doesn't tell what it calls itself is known by address, port, name and OID")
{
    const TempFolder folder;
    const ProtectedDatabases sightings(folder / "protected.jsonl");
    ProtectedDatabase silent = prod;
    silent.server.clear();
    silent.address = "10.0.0.7";
    silent.port = "5432";
    sightings.remember(silent);
    sightings.remember(silent);
    CHECK(sightings.find_same(silent) == silent);
    ProtectedDatabase known = silent; // another role may read it
    known.server = "761";
    CHECK(sightings.find_same(known) == silent);
    for (auto change : {+[](ProtectedDatabase& other) { other.address = "10.0.0.8"; },
                        +[](ProtectedDatabase& other) { other.port = "5433"; },
                        +[](ProtectedDatabase& other) { other.database = "other"; },
                        +[](ProtectedDatabase& other) { other.oid = "1"; }}) {
        ProtectedDatabase other = silent;
        change(other);
        CHECK_FALSE(sightings.find_same(other));
    }
    const std::string text = read_file(folder / "protected.jsonl", 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
}

TEST_CASE("a machine's own addresses and its sockets are one machine")
{
    for (const char* address : {"127.0.0.1", "::1", "localhost", "/var/run/postgresql"}) {
        CHECK(plan::machine_of(address).empty());
    }
    CHECK(plan::machine_of("").empty());
    CHECK(plan::machine_of("10.0.0.7") == "10.0.0.7");
    CHECK(plan::machine_of("FE80::1") == "fe80::1");
}

TEST_CASE("a profile that could not be looked at is kept beside those that were seen")
{
    const TempFolder folder;
    const ProtectedDatabases sightings(folder / "protected.jsonl");
    CHECK_FALSE(sightings.has_seen("prod", "prod · cruddur", ""));
    sightings.remember(plan::Unreached{"prod",
                                       "prod · cruddur · db · ",
                                       "cruddur",
                                       {"10.0.0.7"},
                                       "5432",
                                       "2026-11-24T09:15:00.123Z"});
    CHECK_FALSE(sightings.has_seen("prod", "prod · cruddur", ""));
    const auto found = sightings.find_unreached("prod", "prod · cruddur · db · ");
    REQUIRE(found);
    CHECK(found->addresses == std::vector<std::string>{"10.0.0.7"});
    CHECK_FALSE(sightings.find_unreached("prod", "prod · other · db · "));
    CHECK_FALSE(sightings.find_unreached("live", "prod · cruddur · db · "));
    sightings.remember(prod);
    CHECK(sightings.has_seen("prod", "prod · cruddur · db", ""));
    CHECK_FALSE(sightings.has_seen("live", "prod · cruddur · db", ""));
}

TEST_CASE("what was seen counts for a time, and once a day")
{
    const TempFolder folder;
    const ProtectedDatabases sightings(folder / "protected.jsonl");
    ProtectedDatabase seen = prod;
    seen.at = "2026-11-24T09:15:00.123Z";
    sightings.remember(seen);
    CHECK(sightings.has_seen("prod", "prod · cruddur · db", "2026-11-24T09:00:00.000Z"));
    CHECK_FALSE(sightings.has_seen("prod", "prod · cruddur · db", "2026-11-24T10:00:00.000Z"));
    seen.at = "2026-11-24T23:15:00.123Z";
    sightings.remember(seen);
    seen.at = "2026-11-25T09:15:00.123Z";
    sightings.remember(seen);
    const std::string text = read_file(folder / "protected.jsonl", 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a line that is no sighting is passed over")
{
    const TempFolder folder;
    folder.write("protected.jsonl", "{\"server\":\"761\"\n[]\n{\"server\":761}\n\xff\n");
    const ProtectedDatabases sightings(folder / "protected.jsonl");
    CHECK_FALSE(sightings.find("761", "cruddur", "16384"));
    sightings.remember(prod);
    CHECK(sightings.find("761", "cruddur", "16384") == prod);
}
