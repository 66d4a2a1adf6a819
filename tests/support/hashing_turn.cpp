#include "support/hashing_turn.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <thread>

namespace crudctl::tests {

HashingTurn::HashingTurn()
{
    constexpr std::uintmax_t size = std::uintmax_t{1} << 38U;
    constexpr std::chrono::milliseconds until_it_hashes(100);
    std::filesystem::resize_file(m_folder.write("zeros", ""), size);
    m_digest = script::digest_of(std::make_shared<const script::SourceFile>(
        script::ScriptFile{m_folder.path() / "zeros", "zeros"}));
    std::this_thread::sleep_for(until_it_hashes);
}

} // namespace crudctl::tests
