#include "commands/init/project_files.hpp"

#include <string>

#include <catch2/catch.hpp>

using crudctl::commands::unified_diff;

TEST_CASE("texts that are the same have no difference")
{
    CHECK(unified_diff("a\nb\n", "a\nb\n", "x", "y").empty());
    CHECK(unified_diff("", "", "x", "y").empty());
}

TEST_CASE("a difference is shown with three lines around it")
{
    CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n", "x",
                       "y") ==
          "--- x\n+++ y\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("differences far from each other are shown apart, and neighbours together")
{
    CHECK(unified_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n", "x", "y") ==
          "--- x\n+++ y\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
          "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
    CHECK(unified_diff("a\n1\n2\nb\n", "1\n2\nB\n", "x", "y") ==
          "--- x\n+++ y\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n-b\n+B\n");
}

TEST_CASE("a text that is all new or all gone is shown whole")
{
    CHECK(unified_diff("", "a\nb\n", "x", "y") == "--- x\n+++ y\n@@ -1,0 +1,2 @@\n+a\n+b\n");
    CHECK(unified_diff("a\n", "", "x", "y") == "--- x\n+++ y\n@@ -1,1 +1,0 @@\n-a\n");
}

TEST_CASE("texts of many thousand lines are compared in no time")
{
    std::string before;
    std::string after;
    for (int i = 0; i < 5000; ++i) {
        before += "old " + std::to_string(i) + "\n";
        after += "new " + std::to_string(i) + "\n";
    }
    const std::string text = unified_diff(before, after, "x", "y");
    CHECK(text.starts_with("--- x\n+++ y\n@@ -1,5000 +1,5000 @@\n-old 0\n"));
    CHECK(text.ends_with("\n+new 4999\n"));
    CHECK(unified_diff(std::string(100'000, '\n'), "a\n", "x", "y").size() > 200'000);
}
