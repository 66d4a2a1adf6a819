#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// OpenSSL's own name for it.
struct evp_md_ctx_st;

namespace crudctl {

/// SHA-256 of what is fed to it, piece by piece.
///
///     Sha256 hash;
///     hash.update(first);
///     hash.update(second);
///     const std::string digits = hash.hex();
class Sha256 {
public:
    /// Throws std::runtime_error where libcrypto has no SHA-256.
    Sha256();

    void update(std::string_view bytes);
    /// 64 hexadecimal digits; it begins anew after that.
    std::string hex();

private:
    struct Closer {
        void operator()(evp_md_ctx_st* context) const noexcept;
    };
    void begin();

    std::unique_ptr<evp_md_ctx_st, Closer> m_context;
};

/// 64 hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// FNV-1a, 32 bits: the same on every machine and in every version, so that names and ports can be
/// made from it. It keeps no secret and stops no attacker.
std::uint32_t stable_hash(std::string_view text);

} // namespace crudctl
