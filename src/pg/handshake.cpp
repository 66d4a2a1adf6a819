#include "pg/handshake.hpp"

#include "pg/connecting.hpp"
#include "pg/error.hpp"

#include <memory>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace crudctl::pg {

namespace {

using Certificate = std::unique_ptr<X509, Closer<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Closer<X509_STORE_free>>;
using Check = std::unique_ptr<X509_STORE_CTX, Closer<X509_STORE_CTX_free>>;

/// A path below a device cannot exist: libpq then checks nothing, since sslmode does not ask for
/// it.
ConnInfo without_checks(const ConnInfo& info)
{
    return info.with_password(Secret())
        .with("sslmode", "require")
        .with("sslrootcert", "/dev/null/none");
}

CertificateFlaw flaw_of(int code)
{
    switch (code) {
    case X509_V_OK:
        return CertificateFlaw::none;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return CertificateFlaw::expired;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return CertificateFlaw::not_yet_valid;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return CertificateFlaw::self_signed;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return CertificateFlaw::unknown_authority;
    default:
        return CertificateFlaw::unknown;
    }
}

/// The last common name of a name; empty where it has none.
std::string common_name(const X509_NAME* name)
{
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    const X509_NAME_ENTRY* entry = at < 0 ? nullptr : X509_NAME_get_entry(name, at);
    unsigned char* raw = nullptr;
    const int length =
        entry == nullptr ? -1 : ASN1_STRING_to_UTF8(&raw, X509_NAME_ENTRY_get_data(entry));
    if (length < 0) {
        return {};
    }
    const std::string text(raw, raw + length);
    OPENSSL_free(raw);
    return text;
}

bool load_roots(X509_STORE* store, const std::string& root_file)
{
    return root_file.empty() ? X509_STORE_set_default_paths(store) == 1
                             : X509_STORE_load_file(store, root_file.c_str()) == 1;
}

CertificateView judged(X509* certificate, STACK_OF(X509) * chain, const std::string& root_file)
{
    CertificateView view;
    view.issuer = common_name(X509_get_issuer_name(certificate));
    const Store store(X509_STORE_new());
    const Check check(X509_STORE_CTX_new());
    if (!store || !check || !load_roots(store.get(), root_file) ||
        X509_STORE_CTX_init(check.get(), store.get(), certificate, chain) != 1) {
        return view;
    }
    X509_STORE_CTX_set_default(check.get(), "ssl_server");
    X509_verify_cert(check.get());
    const int code = X509_STORE_CTX_get_error(check.get());
    view.flaw = flaw_of(code);
    view.reason = code == X509_V_OK ? "" : X509_verify_cert_error_string(code);
    return view;
}

} // namespace

Handshake try_handshake(const ConnInfo& info, const std::function<void()>& on_wait)
{
    const ConnHandle handle = start_connecting(info.with_password(Secret()));
    go_on_connecting(handle.get(), info, Stage::encryption, on_wait);
    const char* address = PQhostaddr(handle.get());
    return {address == nullptr ? "" : address, tls_version(handle.get())};
}

CertificateView look_at_certificate(const ConnInfo& info, const std::string& root_file)
{
    const ConnInfo unchecked = without_checks(info);
    const ConnHandle handle = start_connecting(unchecked);
    try {
        go_on_connecting(handle.get(), unchecked, Stage::encryption, {});
    } catch (const ConnectError&) {
        return {};
    }
    auto* ssl = static_cast<SSL*>(PQsslStruct(handle.get(), "OpenSSL"));
    const Certificate certificate(ssl == nullptr ? nullptr : SSL_get1_peer_certificate(ssl));
    return certificate ? judged(certificate.get(), SSL_get_peer_cert_chain(ssl), root_file)
                       : CertificateView{};
}

} // namespace crudctl::pg
