#include "tests/integration/providers/certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace skald::tests {
namespace {

void add(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error("no such extension: " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace

Certificate::Certificate(const std::string& names, long seconds)
    : key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      certificate_(X509_new(), X509_free),
      context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    X509* it = certificate_.get();
    X509_set_version(it, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(it), 1);
    X509_gmtime_adj(X509_getm_notBefore(it), seconds < 0 ? seconds - 3600 : -60);
    X509_gmtime_adj(X509_getm_notAfter(it), seconds);
    X509_set_pubkey(it, key_.get());
    const auto* name = reinterpret_cast<const unsigned char*>("skald test");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(it), "CN", MBSTRING_ASC, name, -1, -1, 0);
    X509_set_issuer_name(it, X509_get_subject_name(it));
    add(it, NID_basic_constraints, "critical,CA:TRUE");
    add(it, NID_subject_alt_name, names);
    if (X509_sign(it, key_.get(), EVP_sha256()) == 0 ||
        SSL_CTX_use_certificate(context_.get(), it) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), key_.get()) != 1) {
        throw std::runtime_error("the certificate cannot be made");
    }
}

void Certificate::write(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr || PEM_write_X509(file, certificate_.get()) != 1) {
        throw std::runtime_error("cannot write " + path);
    }
    std::fclose(file);
}

}  // namespace skald::tests
