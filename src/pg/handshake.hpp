#pragma once

#include "pg/conn_info.hpp"

#include <functional>
#include <string>

namespace crudctl::pg {

/// A connection on which TLS was settled as sslmode says.
struct Handshake {
    std::string address;     // that answered; empty for a Unix socket
    std::string tls_version; // "TLSv1.3"; empty where it is not encrypted
};

/// Connects, settles TLS and hangs up before the log-in: no user and no password goes out. Throws
/// ConnectError. `on_wait` may be empty.
Handshake try_handshake(const ConnInfo& info, const std::function<void()>& on_wait);

/// What a check of the server's certificate comes to.
enum class CertificateFlaw {
    none,
    unknown,
    unknown_authority,
    self_signed,
    expired,
    not_yet_valid
};

struct CertificateView {
    CertificateFlaw flaw = CertificateFlaw::unknown; // unknown: it was not to be had
    std::string reason;                              // of the flaw, in OpenSSL's words
    std::string issuer;                              // who signed it: "Amazon RDS Root CA"
};

/// Looks at the server's certificate without trusting it, and checks it against the root
/// certificates in this file (empty: the system's). Hangs up before the log-in. Never throws but
/// for a signal.
CertificateView look_at_certificate(const ConnInfo& info, const std::string& root_file);

} // namespace crudctl::pg
