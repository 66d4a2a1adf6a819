#pragma once

#include "support/text/secret.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace crudctl::aws {

/// What requests are signed with. The key's id is no secret; the other two are.
struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token; // empty for a user's own key
    std::string source;   // for people: "AWS_ACCESS_KEY_ID", "~/.aws/credentials:2"
};

/// Throws Error(configuration) where one of them has a blank or a control character, or where only
/// one of the pair is there: `source` is named, its value never.
Credentials checked(Credentials credentials);

/// Credentials as programs and containers give them: JSON with AccessKeyId, SecretAccessKey,
/// a token (called `token_name`) and Expiration. Throws Error(external) where it is anything else,
/// without a word of it, and where they ran out.
struct AnswerForm {
    std::string_view token_name; // "SessionToken", "Token"
    bool has_version = false;    // and it must be 1
};
Credentials credentials_from_json(std::string_view text, const AnswerForm& form,
                                  const std::string& source,
                                  std::chrono::system_clock::time_point now);

/// Throws Error(external) where a time in ISO 8601 is over; what isn't one is no reason.
void require_valid(const std::string& expiration, const std::string& source,
                   std::chrono::system_clock::time_point now);

} // namespace crudctl::aws
