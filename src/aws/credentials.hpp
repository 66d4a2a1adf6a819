#pragma once

#include "support/secret.hpp"

#include <string>

namespace crudctl::aws {

/// What requests are signed with. The key's id is no secret; the other two are.
struct Credentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token; // empty for a user's own key
    std::string source;   // for people: "AWS_ACCESS_KEY_ID", "~/.aws/credentials:2"
};

} // namespace crudctl::aws
