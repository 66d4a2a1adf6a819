#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace crudctl {

/// A zip archive in memory, its files deflated. The same files give the same bytes: there is no
/// time in it.
class ZipWriter {
public:
    /// `name` is the path inside, "lib/crudctl"; the mode's permissions are kept.
    void add(const std::string& name, std::string_view content, mode_t mode = 0644);
    /// The whole archive; nothing may be added after it.
    std::string finish();

private:
    struct Entry {
        std::string name;
        std::uint32_t checksum = 0;
        std::uint32_t packed_size = 0;
        std::uint32_t size = 0;
        std::uint32_t offset = 0;
        mode_t mode = 0;
    };
    void put_local_header(const Entry& entry);
    /// What both headers of an entry have.
    void put_facts(const Entry& entry);
    void put_central_header(const Entry& entry);
    void put16(unsigned value);
    void put32(std::uint32_t value);

    std::string m_bytes;
    std::vector<Entry> m_entries;
};

} // namespace crudctl
