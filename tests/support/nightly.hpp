#pragma once

#include <cstdlib>

namespace crudctl::tests {

/// Whether the long forms run: scripts/test.sh --nightly says so.
inline bool is_nightly()
{
    return std::getenv("CRUDCTL_NIGHTLY") != nullptr;
}

/// A sweep's next message after this one, from 0 on; the first is 1. At night each one, by day a
/// sample.
inline int next_message(int message)
{
    constexpr int by_day = 5;
    return message + (message == 0 || is_nightly() ? 1 : by_day);
}

} // namespace crudctl::tests
