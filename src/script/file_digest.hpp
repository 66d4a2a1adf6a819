#pragma once

#include "script/source_file.hpp"
#include "support/sha256.hpp"

#include <future>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What a file of a command amounts to, in 64 hexadecimal digits: its bytes, those of the files
/// that it includes or copies from, and every statement that the value of a variable went into, so
/// that --set counts where it is used and nowhere else. Paths, times and the machine don't count:
/// it may be kept and compared later.
class FileDigest {
public:
    void open();
    /// Of the file that was opened last and is not closed.
    void feed(std::string_view bytes);
    void close();
    /// A statement as it is sent.
    void take_expanded(std::string_view statement);

    /// Once the last file is closed.
    std::string hex() { return m_whole.hex(); }

private:
    /// Begins to hash what waits, beside whoever reads on.
    void hash_aside();
    /// Until nothing waits any more.
    void hash_rest();

    std::vector<Sha256> m_open;
    std::string m_waiting;       // of the file that was opened last
    std::string m_hashed;        // what the other thread works on
    Sha256 m_whole;              // of the digests of its parts: where one ends cannot be mistaken
    std::future<void> m_hashing; // the last member: it ends before what it works on
};

/// Of a single file, as no SQL; holds no more of it than a piece. Throws Error(configuration).
std::string digest_of(const SourceFile& source);

} // namespace crudctl::script
