#pragma once

#include <cstdlib>

namespace crudctl::tests {

/// Whether the long forms run: scripts/test.sh --nightly says so.
inline bool is_nightly()
{
    return std::getenv("CRUDCTL_NIGHTLY") != nullptr;
}

/// Each so many messages of a sweep are tried by day. A statement of a pipeline is four messages:
/// this comes to all kinds of them.
constexpr int step_by_day = 13;

/// A sweep's next message after this one, from 0 on; the first is 1. At night each one.
inline int next_message(int message, int by_day = step_by_day)
{
    return message + (message == 0 || is_nightly() ? 1 : by_day);
}

} // namespace crudctl::tests
