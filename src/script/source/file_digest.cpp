#include "script/source/file_digest.hpp"

#include "support/process/interrupt.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>

namespace crudctl::script {

namespace {

constexpr std::size_t digest_chunk_bytes = std::size_t{128} << 10U;

// Up to here a file is hashed (in half a millisecond) before a thread would have begun.
constexpr std::size_t small_bytes = std::size_t{1} << 20U;

// Each file that is put off stays open until then.
constexpr std::size_t most_deferred = 64;

// Whoever waits for its turn looks so often whether it is still wanted.
constexpr std::chrono::milliseconds timeout(10);

const std::atomic<bool> always_wanted = false;

/// What a digest has of a file; nothing where it is unwanted before that is known.
std::string text_of_file(const SourceFile& file, const std::atomic<bool>& is_unwanted)
{
    Sha256 hash;
    std::string chunk;
    std::size_t offset = 0;
    do {
        interrupt::throw_if_pending(); // gigabytes may take a while
        if (is_unwanted) {
            return {};
        }
        file.read(offset, digest_chunk_bytes, chunk);
        hash.update(chunk);
        offset += chunk.size();
    } while (!chunk.empty());
    return "file " + hash.hex();
}

} // namespace

FileDigest::Work::Work(std::vector<Part> all) : parts(std::move(all))
{
    const bool is_small =
        std::ranges::none_of(parts, [](const Part& part) { return part.file != nullptr; });
    // Where no thread can be had, whoever asks first works it out.
    const auto when = is_small ? std::launch::deferred : std::launch::async | std::launch::deferred;
    digest = std::async(when, [this] { return hash(); }).share();
}

// One at a time: the server and whoever sends need the other cores.
std::string FileDigest::Work::hash() const
{
    static std::timed_mutex turn;
    std::unique_lock lock(turn, std::defer_lock);
    while (!lock.try_lock_for(timeout)) {
        interrupt::throw_if_pending();
        if (is_unwanted) {
            return {};
        }
    }
    Sha256 whole;
    for (const Part& part : parts) {
        whole.update(part.file == nullptr ? part.text : text_of_file(*part.file, is_unwanted));
    }
    return whole.hex();
}

void DigestParts::close()
{
    FileDigest::Part part{std::move(m_open.back()), {}};
    m_open.pop_back();
    if (part.file->size() <= small_bytes || m_deferred == most_deferred) {
        part.text = text_of_file(*part.file, always_wanted);
        part.file.reset();
    } else {
        ++m_deferred;
    }
    m_parts.push_back(std::move(part));
}

void DigestParts::take_expanded(std::string_view statement)
{
    m_parts.push_back({nullptr, "statement " + sha256_hex(statement)});
}

FileDigest DigestParts::digest() &&
{
    FileDigest digest;
    digest.m_work = std::make_shared<FileDigest::Work>(std::move(m_parts));
    return digest;
}

FileDigest digest_of(SharedSource source)
{
    DigestParts parts;
    parts.open(std::move(source));
    parts.close();
    return std::move(parts).digest();
}

} // namespace crudctl::script
