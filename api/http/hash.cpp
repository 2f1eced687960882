#include "api/http/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <memory>

#include "domain/kernel/invariant.h"

// Algorithms are looked up once: OpenSSL's shorter calls do so each time, which takes longer than
// hashing what is hashed here.
namespace skald::http {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

using MacContext = std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)>;

MacContext hmac_context() {
    static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    MacContext context(EVP_MAC_CTX_new(hmac), EVP_MAC_CTX_free);
    char name[] = "SHA256";
    const OSSL_PARAM digest[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                 OSSL_PARAM_construct_end()};
    INVARIANT(EVP_MAC_CTX_set_params(context.get(), digest) == 1);
    return context;
}

}  // namespace

std::string sha256(std::string_view bytes) {
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    INVARIANT(EVP_Digest(bytes.data(), bytes.size(), digest, &size, algorithm, nullptr) == 1);
    return {digest, digest + size};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    thread_local const MacContext context = hmac_context();
    unsigned char mac[EVP_MAX_MD_SIZE];
    std::size_t size = 0;
    INVARIANT(EVP_MAC_init(context.get(), bytes_of(key), key.size(), nullptr) == 1);
    INVARIANT(EVP_MAC_update(context.get(), bytes_of(bytes), bytes.size()) == 1);
    INVARIANT(EVP_MAC_final(context.get(), mac, &size, sizeof mac) == 1);
    return {mac, mac + size};
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace skald::http
