#pragma once

#include "script/source/file_digest.hpp"
#include "support/temp_folder.hpp"

#include <optional>

namespace crudctl::tests {

/// Large files are hashed one at a time. While this lives, or until it is passed on, it is the turn
/// of one that takes minutes; that file has nothing in it, and takes no room.
class HashingTurn {
public:
    HashingTurn();
    void pass_on() { m_digest.reset(); }

private:
    TempFolder m_folder;
    std::optional<script::FileDigest> m_digest;
};

} // namespace crudctl::tests
