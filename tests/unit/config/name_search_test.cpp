#include "config/project/name_search.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl::config;

namespace {

std::string made_by(const std::string& script)
{
    NameSearch search;
    search.add_script(script, "a script");
    return search.name();
}

} // namespace

TEST_CASE("the database that a script makes is found", "[config]")
{
    CHECK(made_by("psql $URL -c \"CREATE database cruddur;\"") == "cruddur");
    CHECK(made_by("psql -c 'create database \"my-shop\"'") == "my-shop");
    CHECK(made_by("psql -c \"CREATE DATABASE \\\"shop\\\"\"") == "shop");
    CHECK(made_by("createdb shop") == "shop");
    CHECK(made_by("createdb postgres\ncreatedb shop") == "shop");
    CHECK(made_by("createdb -h localhost shop").empty());
    CHECK(made_by("psql -c \"create database $NAME\"").empty());
    CHECK(made_by("create database if not exists shop").empty());
    CHECK(made_by("created an entry in the database").empty());
}

TEST_CASE("the first name counts, and none that each server has", "[config]")
{
    NameSearch search;
    search.add("postgres", "compose.yaml");
    search.add_url("postgresql://u@h/template1", ".env");
    search.add_url("postgresql://u@h:port/", ".env");
    CHECK(search.name().empty());
    search.add_url("postgresql://u:p@h/shop?x=y", ".env");
    search.add_url("postgresql://u:p@h/shop", ".env.example");
    search.add("other", "this folder's name");
    CHECK(search.name() == "shop");
    CHECK(search.origin() == ".env.example");
    CHECK(tame_name("My Shop-2") == "my_shop_2");
}
