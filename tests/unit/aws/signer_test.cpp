#include "aws/request/signer.hpp"
#include "support/paths.hpp"
#include "support/system/file.hpp"
#include "support/text/text.hpp"

#include <map>
#include <sstream>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace crudctl;
using namespace crudctl::aws;

namespace {

/// Signatures that botocore made, and that a second implementation made alike.
nlohmann::json vectors()
{
    const auto path = tests::source_folder() / "tests/unit/vectors/sigv4.json";
    return nlohmann::json::parse(read_file(path, 1U << 20U).text);
}

constexpr std::chrono::sys_seconds vector_time =
    std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + std::chrono::hours(12);

Credentials credentials(const nlohmann::json& all, bool with_token)
{
    Credentials result;
    result.access_key_id = all["access_key"];
    result.secret_access_key = Secret(all["secret_key"]);
    if (with_token) {
        result.session_token = Secret(all["session_token"]);
    }
    return result;
}

SignedRequest request_of(const nlohmann::json& vector)
{
    SignedRequest request;
    request.host = vector["host"];
    request.body = vector["body"];
    request.headers["content-type"] = vector["content_type"];
    if (vector["x_amz_target"].is_string()) {
        request.headers["x-amz-target"] = vector["x_amz_target"];
    }
    return request;
}

/// A query's parts, whose order is free in a token.
std::map<std::string, std::string> parts_of(const std::string& token)
{
    std::map<std::string, std::string> parts = {{"before", token.substr(0, token.find('?'))}};
    std::istringstream stream(token.substr(token.find('?') + 1));
    for (std::string part; std::getline(stream, part, '&');) {
        parts[part.substr(0, part.find('='))] = part.substr(part.find('=') + 1);
    }
    return parts;
}

} // namespace

TEST_CASE("requests are signed as botocore signs them", "[aws]")
{
    const auto all = vectors();
    REQUIRE(all["post"].size() == 12);
    REQUIRE(all["json"].size() == 2);
    for (const char* kind : {"post", "json"}) {
        for (const auto& vector : all[kind]) {
            CAPTURE(vector["service"], vector["operation"], vector["token"]);
            const Headers headers = signature_headers(
                request_of(vector), {vector["service"], vector["region"], vector_time},
                credentials(all, vector["token"]));
            CHECK(headers.at("authorization") == vector["authorization"]);
            CHECK(headers.at("x-amz-date") == all["timestamp"]);
            CHECK(headers.contains("x-amz-security-token") == vector["token"]);
        }
    }
}

TEST_CASE("tokens for RDS are botocore's, parameter by parameter", "[aws]")
{
    const auto all = vectors();
    REQUIRE(all["rds_token"].size() == 4);
    for (const auto& vector : all["rds_token"]) {
        CAPTURE(vector["user"], vector["session_token"]);
        const Secret token = rds_token({vector["host"], vector["port"], vector["user"]},
                                       {"rds-db", vector["region"], vector_time},
                                       credentials(all, vector["session_token"]));
        CHECK(parts_of(token.reveal()) == parts_of(vector["token"]));
    }
}

TEST_CASE("a signature covers host, headers, body, time and key", "[aws]")
{
    const auto all = vectors();
    const SignedRequest request = request_of(all["post"][0]);
    const Scope scope = {"ec2", "ca-central-1", vector_time};
    const Credentials key = credentials(all, true);
    const auto signature_of = [](const SignedRequest& a, const Scope& b, const Credentials& c) {
        return signature_headers(a, b, c).at("authorization");
    };
    const std::string whole = signature_of(request, scope, key);

    SignedRequest other_host = request;
    other_host.host += ":8443";
    SignedRequest other_header = request;
    other_header.headers["content-type"] = "text/plain";
    SignedRequest other_body = request;
    other_body.body += "&DryRun=true";
    Scope later = scope;
    later.time += std::chrono::seconds(1);
    Credentials other_token = key;
    other_token.session_token = Secret("another");
    CHECK(signature_of(other_host, scope, key) != whole);
    CHECK(signature_of(other_header, scope, key) != whole);
    CHECK(signature_of(other_body, scope, key) != whole);
    CHECK(signature_of(request, later, key) != whole);
    CHECK(signature_of(request, scope, other_token) != whole);
}
