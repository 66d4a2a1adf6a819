#pragma once

// Catch2 3 in the words of Catch2 2, which the tests speak: only where the former is installed is
// this folder in the include path.

#include <catch2/catch_all.hpp>

using Catch::Approx;

namespace Catch {
using namespace Matchers;
}

// A macro, because Catch2 3 has another thing by this name, which an overload could not hide.
#define Contains ContainsSubstring
