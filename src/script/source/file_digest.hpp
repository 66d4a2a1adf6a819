#pragma once

#include "script/source/source_file.hpp"
#include "support/text/sha256.hpp"

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace crudctl::script {

/// What a file of a command amounts to, in 64 hexadecimal digits, which is worked out beside
/// whoever goes on: hashing takes longer than all else that is done before a file is sent.
class FileDigest {
public:
    /// Waits for it. Throws Error(configuration) where a file was written into meanwhile, or can't
    /// be read; Error with the code of a pending signal.
    const std::string& hex() const { return m_work->digest.get(); }

private:
    friend class DigestParts;

    /// A file, or what stands for it once it is hashed.
    struct Part {
        SharedSource file; // empty where `text` has all of it
        std::string text;
    };
    /// Hashes what is left, unless nobody wants it any more.
    struct Work {
        explicit Work(std::vector<Part> all);
        ~Work() { is_unwanted = true; }
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;

        std::string hash() const;

        std::vector<Part> parts;
        std::atomic<bool> is_unwanted = false;
        std::shared_future<std::string> digest; // the last member: it ends before the others
    };

    std::shared_ptr<Work> m_work;
};

/// Gathers what a file's digest is of: its bytes, those of the files that it includes or copies
/// from, and every statement that the value of a variable went into, so that --set counts where it
/// is used and nowhere else. Paths, times and the machine don't count: it may be kept and compared
/// later.
class DigestParts {
public:
    void open(SharedSource file) { m_open.push_back(std::move(file)); }
    /// The file that was opened last and is not closed.
    void close();
    /// A statement as it is sent.
    void take_expanded(std::string_view statement);

    /// Once the last file is closed.
    FileDigest digest() &&;

private:
    std::vector<SharedSource> m_open;
    std::vector<FileDigest::Part> m_parts;
    std::size_t m_deferred = 0; // how many of these are files
};

/// Of a single file, as no SQL. Throws Error(configuration) where that file can't be read, if it is
/// a small one; else hex() does.
FileDigest digest_of(SharedSource source);

} // namespace crudctl::script
