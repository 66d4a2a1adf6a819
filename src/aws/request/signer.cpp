#include "aws/request/signer.hpp"

#include "support/text/sha256.hpp"
#include "support/text/text.hpp"

#include <array>
#include <stdexcept>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace crudctl::aws {

namespace {

constexpr const char* algorithm = "AWS4-HMAC-SHA256";
constexpr std::chrono::seconds token_life{900};

std::string hmac(std::string_view key, std::string_view text)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
             digest.data(), &size) == nullptr) {
        throw std::runtime_error("libcrypto could not compute an HMAC");
    }
    return {digest.begin(), digest.begin() + size};
}

std::string hex(std::string_view bytes)
{
    std::string digits;
    for (const char byte : bytes) {
        digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return digits;
}

std::string time_stamp(const Scope& scope)
{
    return fmt::format("{:%Y%m%dT%H%M%SZ}", scope.time);
}

std::string scope_text(const Scope& scope)
{
    return fmt::format("{:%Y%m%d}/{}/{}/aws4_request", scope.time, scope.region, scope.service);
}

std::string signature(const std::string& canonical_request, const Scope& scope,
                      const Credentials& credentials)
{
    const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", algorithm, time_stamp(scope),
                                            scope_text(scope), sha256_hex(canonical_request));
    const std::string date_key =
        hmac("AWS4" + credentials.secret_access_key.reveal(), fmt::format("{:%Y%m%d}", scope.time));
    const std::string service_key = hmac(hmac(date_key, scope.region), scope.service);
    return hex(hmac(hmac(service_key, "aws4_request"), to_sign));
}

/// Runs of blanks count as one, and those around it as none.
std::string canonical_value(std::string_view value)
{
    std::string text;
    for (const char c : trimmed(value)) {
        if (c != ' ' || !text.ends_with(' ')) {
            text += c;
        }
    }
    return text;
}

struct CanonicalHeaders {
    std::string lines; // "name:value\n" each
    std::string names; // with semicolons between them
};

CanonicalHeaders canonical(const Headers& headers)
{
    CanonicalHeaders result;
    for (const auto& [name, value] : headers) {
        result.lines += fmt::format("{}:{}\n", name, canonical_value(value));
        result.names += fmt::format("{}{}", result.names.empty() ? "" : ";", name);
    }
    return result;
}

std::string canonical_request(std::string_view method, const std::string& query,
                              const CanonicalHeaders& headers, std::string_view body)
{
    return fmt::format("{}\n/\n{}\n{}\n{}\n{}", method, query, headers.lines, headers.names,
                       sha256_hex(body));
}

std::string query_text(const std::map<std::string, std::string>& parameters)
{
    std::string text;
    for (const auto& [name, value] : parameters) {
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, percent_encoded(value));
    }
    return text;
}

} // namespace

Headers signature_headers(const SignedRequest& request, const Scope& scope,
                          const Credentials& credentials)
{
    Headers added = {{"x-amz-date", time_stamp(scope)}};
    if (!credentials.session_token.empty()) {
        added["x-amz-security-token"] = credentials.session_token.reveal();
    }
    Headers all = added;
    all.insert(request.headers.begin(), request.headers.end());
    all["host"] = request.host;
    const CanonicalHeaders headers = canonical(all);
    added["authorization"] = fmt::format(
        "{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key_id,
        scope_text(scope), headers.names,
        signature(canonical_request("POST", {}, headers, request.body), scope, credentials));
    return added;
}

Secret rds_token(const RdsLogin& login, const Scope& scope, const Credentials& credentials)
{
    const std::string host = fmt::format("{}:{}", login.host, login.port);
    std::map<std::string, std::string> parameters = {
        {"Action", "connect"},
        {"DBUser", login.user},
        {"X-Amz-Algorithm", algorithm},
        {"X-Amz-Credential", fmt::format("{}/{}", credentials.access_key_id, scope_text(scope))},
        {"X-Amz-Date", time_stamp(scope)},
        {"X-Amz-Expires", fmt::format("{}", token_life.count())},
        {"X-Amz-SignedHeaders", "host"},
    };
    if (!credentials.session_token.empty()) {
        parameters["X-Amz-Security-Token"] = credentials.session_token.reveal();
    }
    const std::string query = query_text(parameters);
    const std::string signed_text =
        canonical_request("GET", query, canonical({{"host", host}}), {});
    return Secret(fmt::format("{}/?{}&X-Amz-Signature={}", host, query,
                              signature(signed_text, scope, credentials)));
}

} // namespace crudctl::aws
