#include "commands/doctor/diagnosis.hpp"
#include "support/text/text.hpp"

#include <sstream>
#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::commands;

TEST_CASE("a diagnosis has its lines in the order of the questions, and the first one's fix",
          "[doctor]")
{
    Diagnosis diagnosis;
    diagnosis.add(DoctorStep::tcp, {Verdict::fails, "no answer", "open the firewall"});
    diagnosis.add(DoctorStep::rule, {Verdict::fails, "no rule", "crudctl update-sg-rule"});
    diagnosis.add(DoctorStep::setting, {Verdict::passes, "local"});
    diagnosis.add(DoctorStep::instance, {Verdict::unknown, "no region"});
    CHECK(diagnosis.text() == "✓ setting   local\n"
                              "– DNS       not asked\n"
                              "– instance  no region\n"
                              "✗ rule      no rule\n"
                              "✗ TCP       no answer\n"
                              "– TLS       not asked\n"
                              "– log-in    not asked\n"
                              "– database  not asked\n"
                              "– rights    not asked\n"
                              "– pooler    not asked\n"
                              "fix: crudctl update-sg-rule\n");
    const auto document = nlohmann::json::parse(diagnosis.json("local", "local · x"));
    CHECK(document["result"] == "fails");
    CHECK(document["failed"] == "rule");
    CHECK(document["fix"] == "crudctl update-sg-rule");
    CHECK(document["steps"].size() == 10);
    CHECK(document["steps"][1]["result"] == "not asked");
}

TEST_CASE("a diagnosis without a failure has no fix, and nothing told is one", "[doctor]")
{
    Diagnosis diagnosis;
    diagnosis.add(DoctorStep::rights, {Verdict::told, "may not create databases", "GRANT"});
    CHECK_FALSE(diagnosis.failure());
    CHECK(diagnosis.text().find("fix:") == std::string::npos);
    CHECK(nlohmann::json::parse(diagnosis.json("local", ""))["result"] == "passes");
}

TEST_CASE("a diagnosis fits 80 columns, whatever a server says", "[doctor]")
{
    Diagnosis diagnosis;
    diagnosis.add(DoctorStep::log_in,
                  {Verdict::passes, std::string(300, 'x') + " \x1b[31m words and words and words"});
    std::istringstream lines(diagnosis.text());
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(display_width(line) <= 80);
        CHECK(line.find('\x1b') == std::string::npos);
    }
}
