// A key and a certificate that signs itself, made on the spot. One thread.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace skald::tests {

class Certificate {
  public:
    // `names` as in subjectAltName: "DNS:localhost,IP:127.0.0.1". Valid from now until `seconds`
    // later (negative: it ended then).
    explicit Certificate(const std::string& names, long seconds = 3600);

    // For a server that shows it.
    SSL_CTX* server() const { return context_.get(); }
    // As a file that clients may trust.
    void write(const std::string& path) const;

  private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    std::unique_ptr<X509, decltype(&X509_free)> certificate_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

}  // namespace skald::tests
