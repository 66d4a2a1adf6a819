#pragma once

#include "script/source/script_error.hpp"
#include "script/source/source_file.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

// zlib's own name for it.
struct z_stream_s;

namespace crudctl::script {

/// The text of a gzip file, of one member or of several behind each other, unpacked as it is read:
/// forwards, and a little way back; further back it begins anew. Holds less than a megabyte,
/// whatever the file's size.
class GzipText {
public:
    /// Throws Error(configuration) where the file can't be read, ScriptError where it begins like
    /// no gzip file.
    explicit GzipText(SharedSource source);

    /// Fills the buffer from a byte of the text on; how much there was, less than asked for at the
    /// text's end alone. Throws ScriptError where the data are damaged, cut off, or followed by
    /// something else, Error(configuration) where the file can't be read or was written into.
    std::size_t read_at(std::size_t offset, std::span<char> buffer);

    /// Bytes of the file that were unpacked by now.
    std::size_t unpacked_bytes() const noexcept;

private:
    struct Closer {
        void operator()(z_stream_s* stream) const noexcept;
    };

    void begin_anew();
    void unpack_more();
    void begin_member();
    void read_packed();
    void drop_old_text();
    [[noreturn]] void refuse(std::string message, std::string hint) const;
    [[noreturn]] void refuse_damaged(const char* reason) const;

    SharedSource m_source;
    std::unique_ptr<z_stream_s, Closer> m_stream; // stays where it is: zlib holds its address
    std::vector<char> m_packed;
    std::size_t m_packed_end = 0; // in the file, of what m_packed holds
    std::vector<char> m_text;
    std::size_t m_text_begin = 0; // in the text, of what m_text holds
    std::size_t m_line = 1;       // of its end
    bool m_is_inside = false;     // a member
    bool m_is_done = false;
};

} // namespace crudctl::script
