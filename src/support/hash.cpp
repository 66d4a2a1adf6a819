#include "support/hash.hpp"

namespace crudctl {

std::uint32_t stable_hash(std::string_view text)
{
    std::uint32_t hash = 2166136261U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    }
    return hash;
}

} // namespace crudctl
