#include "plan/sightings.hpp"

#include "support/file.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace crudctl;
using plan::Sighting;
using plan::Sightings;
using tests::TempFolder;

namespace {

const Sighting prod = {"761", "cruddur", "16384", "prod", "prod", "prod · cruddur · db"};

} // namespace

TEST_CASE("a database that was seen is found by its name or its OID, on its server alone")
{
    const TempFolder folder;
    const Sightings sightings(folder / "state/protected.jsonl");
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
    const Sightings sightings(folder / "protected.jsonl");
    sightings.remember(prod);
    sightings.remember(prod);
    Sighting later = prod;
    later.oid = "20000";
    later.environment = "staging";
    sightings.remember(later);
    CHECK(sightings.find("761", "cruddur", "20000") == later);
    const std::string text = read_file(folder / "protected.jsonl", 1U << 20U).text;
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("a line that is no sighting is passed over")
{
    const TempFolder folder;
    folder.write("protected.jsonl", "{\"server\":\"761\"\n[]\n{\"server\":761}\n\xff\n");
    const Sightings sightings(folder / "protected.jsonl");
    CHECK_FALSE(sightings.find("761", "cruddur", "16384"));
    sightings.remember(prod);
    CHECK(sightings.find("761", "cruddur", "16384") == prod);
}
