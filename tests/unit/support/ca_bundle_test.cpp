#include "support/system/ca_bundle.hpp"
#include "support/temp_folder.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace crudctl;
using crudctl::tests::TempFolder;

TEST_CASE("a system's certificate authorities are found where its distribution keeps them")
{
    const std::string place =
        GENERATE(as<std::string>(), "etc/ssl/certs/ca-certificates.crt",
                 "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem", "etc/ssl/ca-bundle.pem");
    CAPTURE(place);
    const TempFolder root;
    CHECK_FALSE(system_ca_bundle({}, root.path()));
    root.write(place, "a certificate");
    CHECK(system_ca_bundle({}, root.path()) == root / place);
}

TEST_CASE("the authorities that the environment names come first, there or not")
{
    const TempFolder root;
    root.write("etc/ssl/cert.pem", "a certificate");
    Environment environment;
    environment.set("CURL_CA_BUNDLE", "/curls.pem");
    CHECK(system_ca_bundle(environment, root.path()) == "/curls.pem");
    environment.set("SSL_CERT_FILE", "/openssls.pem");
    CHECK(system_ca_bundle(environment, root.path()) == "/openssls.pem");
}
